import Actors
import Testing

@testable import Cluster

@Suite("Backplane formats: numbers")
struct FormatNumberTests {
    /// JSON, the MessagePack that is written for it, and the JSON that is read from that.
    @Test(
        "a number keeps its value in both directions",
        arguments: [
            ("0", [0x00], "0"),
            ("-0", [0xCB, 0x80, 0, 0, 0, 0, 0, 0, 0], "-0"),
            ("127", [0x7F], "127"),
            ("128", [0xCC, 0x80], "128"),
            ("-32", [0xE0], "-32"),
            ("-33", [0xD0, 0xDF], "-33"),
            ("65536", [0xCE, 0, 1, 0, 0], "65536"),
            ("-2147483649", [0xD3, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF], "-2147483649"),
            ("9007199254740992", [0xCF, 0, 0x20, 0, 0, 0, 0, 0, 0], "9007199254740992"),
            ("9007199254740993", [0xCF, 0, 0x20, 0, 0, 0, 0, 0, 1], "9007199254740993"),
            ("18446744073709551615", [0xCF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], "18446744073709551615"),
            ("18446744073709551616", [0xCB, 0x43, 0xF0, 0, 0, 0, 0, 0, 0], "18446744073709552000"),
            ("1e21", [0xCB, 0x44, 0x4B, 0x1A, 0xE4, 0xD6, 0xE2, 0xEF, 0x50], "1e+21"),
            ("1.5", [0xCB, 0x3F, 0xF8, 0, 0, 0, 0, 0, 0], "1.5"),
            ("1.0", [0xCB, 0x3F, 0xF0, 0, 0, 0, 0, 0, 0], "1"),
            ("5e-324", [0xCB, 0, 0, 0, 0, 0, 0, 0, 1], "5e-324"),
            ("1e999", [0xCB, 0x7F, 0xF0, 0, 0, 0, 0, 0, 0], "null"),
        ] as [(String, [UInt8], String)])
    func numbers(json: String, packed: [UInt8], read: String) throws {
        var writer = MessagePackWriter()
        FormatSamples.value(json).append(to: &writer)
        #expect(writer.bytes == packed)
        #expect(try MixedValue(messagePack: packed).json.description == read)
        let message = FormatSamples.message(.acknowledgement(FormatSamples.value(json), requestID: "a"))
        #expect(try ClusterMessage(message.encoded(for: .sharded)) == message)
        let again = FormatSamples.message(.acknowledgement(FormatSamples.value(read), requestID: "a"))
        #expect(try ClusterMessage(message.encoded(for: .ephemeral)) == again)
    }

    @Test("the count of clients may have any notation")
    func notation() throws {
        for text in ["3", "3.0", "30e-1"] {
            let bytes = Array(
                #"{"uid":"a","nsp":"/","type":11,"data":{"requestId":"a","clientCount":\#(text)}}"#.utf8)
            #expect(try ClusterMessage(bytes).content == .clientCount(3, requestID: "a"))
        }
    }
}
