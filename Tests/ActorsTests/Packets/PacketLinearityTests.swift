import Testing

@testable import Actors

/// Each input has about a megabyte. Quadratic work would take hours, so the time limit of one minute distinguishes it
/// from linear work without a measurement.
@Suite("Packets of a megabyte are handled in linear time", .timeLimit(.minutes(1)))
struct PacketLinearityTests {
    private static let size = 1_000_000

    @Test(
        "an invalid packet is rejected within the time limit",
        arguments: [
            ("2", "1", #"["x"]"#), ("5", "1", "-[]"), ("5", "0", "-[]"), ("2[", "[", ""), ("2[\"m\",", "[", ""),
            ("2[", " ", ""), ("2[\"", "\\", ""),
            ("2[\"m\",", "-", ""), ("0/", "?", ",[]"), ("2[\"m\",\"", "\\u00", "\"]"), ("2[", "{\"a\":", ""),
            ("51-[\"m\"", ",{\"_placeholder\":true}", "]"), ("51-[\"m\"", #",{"_placeholder":true,"num":0}"#, "]"),
        ])
    func refused(head: String, filler: String, tail: String) {
        let message = Self.message(head, filler, tail)
        #expect(throws: PacketError.self) { try decodedPacket(message, attachments: []) }
    }

    @Test(
        "a valid packet is decoded, read and encoded within the time limit",
        arguments: [
            ("2[\"m\",\"", "x", "\"]"), ("2[\"m\",\"", #"\n"#, "\"]"), ("2[\"", #"\u0061"#, "\"]"),
            ("2[\"m\"", ",[]", "]"), ("2[\"m\",{\"a\":1", ",\"b\":{}", "}]"),
            ("0/", "a", ""), ("51-[\"m\"", #",{"_placeholder":false,"num":0}"#, "]"),
            ("51-[\"m\",{\"num\":0", #","_placeholder":true"#, "}]"),
            ("2[\"m\",", " ", "1]"), ("2[\"m\",1", "0", "]"),
        ])
    func accepted(head: String, filler: String, tail: String) throws {
        let message = Self.message(head, filler, tail)
        let packet = try #require(try decodedPacket(message, attachments: [[1]]))
        _ = packet.name
        if case .json(let text)? = packet.arguments.last {
            _ = text.string
            _ = text["b"]
            _ = text.elements
        }
        var output: [UInt8] = []
        PacketEncoder.appendEvent("m", packet.arguments, namespace: "/", to: &output)
        #expect(output.count >= packet.argumentsSlice.count)
    }

    private static func message(_ head: String, _ filler: String, _ tail: String) -> [UInt8] {
        let filler = Array(filler.utf8)
        var message = Array("4\(head)".utf8)
        message.reserveCapacity(size + 64)
        for _ in 0..<(size / filler.count) { message.append(contentsOf: filler) }
        return message + Array(tail.utf8)
    }
}
