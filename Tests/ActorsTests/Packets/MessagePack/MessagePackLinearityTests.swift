import Testing

@testable import Actors

/// Each input has about 300 KB. Quadratic work would take very long, so the time limit of one minute distinguishes it
/// from linear work without a measurement.
@Suite("A large message in MessagePack is handled in linear time", .timeLimit(.minutes(1)))
struct MessagePackLinearityTests {
    private static let size = 300_000

    @Test(
        "a large packet is converted in both directions, or refused",
        arguments: [
            "<c0>", "<90>", "<80>", "<a0>", "<a1 00>", "<cb 3f b9 99 99 99 99 99 9a>", "<92 90 90>",
            "<81 a1>a<80>", "<82 ac>_placeholder<c2 a1>a<90>", "<82 ac>_placeholder<c3 a3>num<00>",
            "<d6 ff 39 45 79 80>", "<c4 00>", "<91>", "<81 a1>a",
        ])
    func large(element: String) throws {
        let element = packed(element)
        let count = Self.size / element.count
        let head = packed("<83 a4>type<02 a3>nsp<a1>/<a4>data<dd>") + bigEndian(count + 2)
        // A binary value of a kilobyte: a copy for each element would exceed the limit below.
        let start = head + packed("<a1>m<c5 04 00>") + [UInt8](repeating: 1, count: 1024)
        let message = start + repeatElement(element, count: count).joined()
        guard let packet = try? messagePackPacket(message) else { return }
        guard case .binary(let bytes)? = MessagePackParser().encode(packet).first else { return }
        #expect(bytes.count > Self.size / 10)
        // Dates grow the most: from 6 bytes to the 25 of a string.
        #expect(bytes.count < 5 * message.count)
    }

    @Test("long strings, names and deep nesting are converted within the time limit")
    func long() throws {
        let text = String(repeating: "\u{1}é", count: Self.size / 3)
        let nested =
            String(repeating: #"{"_placeholder":false,"num":0,"a":"#, count: 500) + "[\"\(text.count)\"]"
            + String(repeating: #","b":[]}"#, count: 500)
        let wide = "[" + String(repeating: #"{"_placeholder":1,"a":[[]]},"#, count: Self.size / 28) + "{}]"
        for json in [JSONText(string: text), JSONText(object: [(text, true)])] {
            #expect(try converted(packed(json: json)).json == json.description)
        }
        for text in [nested, wide] {
            let json = try JSONText(validating: Array(text.utf8))
            #expect(try converted(packed(json: json, attachments: [[1]])).json == text)
        }
    }

    private func bigEndian(_ count: Int) -> [UInt8] {
        [UInt8(count >> 24), UInt8(count >> 16 & 0xFF), UInt8(count >> 8 & 0xFF), UInt8(count & 0xFF)]
    }
}
