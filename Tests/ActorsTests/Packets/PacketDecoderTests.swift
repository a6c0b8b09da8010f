import Testing

@testable import Actors

@Suite("Packets that a client may send")
struct PacketDecoderTests {
    struct Accepted: CustomTestStringConvertible {
        let text: String
        let type: PacketType
        var namespace = "/"
        var acknowledgementID: UInt64?
        var name: String?
        var arguments = ""
        var auth: String?

        var testDescription: String { text }
    }

    @Test(
        "packets without attachments are decoded",
        arguments: [
            Accepted(text: "0", type: .connect),
            Accepted(text: #"0{"token":"x"}"#, type: .connect, auth: #"{"token":"x"}"#),
            Accepted(text: #"0 {"a":1} "#, type: .connect, auth: #"{"a":1}"#),
            Accepted(text: "0{}", type: .connect, auth: "{}"),
            Accepted(text: "0/random", type: .connect, namespace: "/random"),
            Accepted(text: "0/custom,", type: .connect, namespace: "/custom"),
            Accepted(text: #"0/custom,{"a":"b,c"}"#, type: .connect, namespace: "/custom", auth: #"{"a":"b,c"}"#),
            Accepted(text: "0/admin?token=1,{}", type: .connect, namespace: "/admin", auth: "{}"),
            Accepted(text: "0/admin?a=?b", type: .connect, namespace: "/admin"),
            Accepted(text: "0/,{}", type: .connect, auth: "{}"),
            Accepted(text: "0/?x=1", type: .connect),
            Accepted(text: "0/__proto__,", type: .connect, namespace: "/__proto__"),
            Accepted(text: "0/räume,", type: .connect, namespace: "/räume"),
            Accepted(text: "1", type: .disconnect),
            Accepted(text: "1/custom", type: .disconnect, namespace: "/custom"),
            Accepted(text: "1/custom,", type: .disconnect, namespace: "/custom"),
            Accepted(text: #"2["hello"]"#, type: .event, name: "hello"),
            Accepted(text: #"2["m",1,"2",{"3":[true]}]"#, type: .event, name: "m", arguments: #"1,"2",{"3":[true]}"#),
            Accepted(text: #"212["m",null]"#, type: .event, acknowledgementID: 12, name: "m", arguments: "null"),
            Accepted(text: #"20["m"]"#, type: .event, acknowledgementID: 0, name: "m"),
            Accepted(text: #"2999999999999999["m"]"#, type: .event, acknowledgementID: 999_999_999_999_999, name: "m"),
            Accepted(
                text: #"2/custom,7["m",[]]"#, type: .event, namespace: "/custom", acknowledgementID: 7, name: "m",
                arguments: "[]"),
            Accepted(text: #"2 [ "m" , 1 , 2 ] "#, type: .event, name: "m", arguments: "1 , 2"),
            Accepted(text: #"2["error"]"#, type: .event, name: "error"),
            Accepted(text: #"2["__proto__"]"#, type: .event, name: "__proto__"),
            Accepted(text: #"2[""]"#, type: .event, name: ""),
            Accepted(text: #"2["\ud83d\ude00\"","x"]"#, type: .event, name: "😀\"", arguments: #""x""#),
            Accepted(text: #"2["Connect"]"#, type: .event, name: "Connect"),
            Accepted(text: #"2["m",1,2,3,4,5,6]"#, type: .event, name: "m", arguments: "1,2,3,4,5,6"),
            Accepted(text: "312[]", type: .acknowledgement, acknowledgementID: 12),
            Accepted(text: #"3["x"]"#, type: .acknowledgement, arguments: #""x""#),
            Accepted(text: "3/custom,[]", type: .acknowledgement, namespace: "/custom"),
            Accepted(
                text: #"3/custom,12["x",1]"#, type: .acknowledgement, namespace: "/custom", acknowledgementID: 12,
                arguments: #""x",1"#),
            Accepted(text: #"30["connect"]"#, type: .acknowledgement, acknowledgementID: 0, arguments: #""connect""#),
            Accepted(text: #"50-["x"]"#, type: .event, name: "x"),
            Accepted(
                text: #"50-/custom,3["x",1]"#, type: .event, namespace: "/custom", acknowledgementID: 3, name: "x",
                arguments: "1"),
            Accepted(text: "60-1[]", type: .acknowledgement, acknowledgementID: 1),
            Accepted(
                text: #"2["m",{"_placeholder":true,"num":-1}]"#, type: .event, name: "m",
                arguments: #"{"_placeholder":true,"num":-1}"#),
        ])
    func accepted(expected: Accepted) throws {
        let packet = try #require(try decodedPacket(expected.text))
        #expect(packet.type == expected.type)
        #expect(packet.namespace == expected.namespace)
        #expect(packet.acknowledgementID == expected.acknowledgementID)
        #expect(packet.name == expected.name)
        #expect(String(decoding: packet.argumentsSlice, as: UTF8.self) == expected.arguments)
        #expect(packet.auth?.description == expected.auth)
        #expect(packet.attachments.isEmpty)
    }

    @Test("arguments are a collection of values")
    func arguments() throws {
        let packet = try #require(try decodedPacket(#"2["m", 1 ,"a",{"b":[]},null,true]"#))
        let texts = ["1", #""a""#, #"{"b":[]}"#, "null", "true"]
        #expect(packet.arguments.count == 5)
        #expect(try Array(packet.arguments) == texts.map { .json(try JSONText(validating: Array($0.utf8))) })
    }

    @Test("a decoder decodes consecutive packets")
    func sequence() throws {
        var decoder = PacketDecoder()
        for number in 0..<3 {
            let packet = try decoder.receive(text: "2[\"m\",\(number)]")
            #expect(packet?.arguments.first == .json(JSONText(integer: number)))
        }
    }

    @Test("a decoder occupies at most two machine words")
    func size() {
        #expect(MemoryLayout<PacketDecoder>.size <= 16)
    }
}
