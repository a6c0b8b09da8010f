import Testing

@testable import Actors

@Suite("Arguments are one slice of JSON text and the attachments")
struct ArgumentsTests {
    @Test("without arguments the slice is empty")
    func empty() throws {
        #expect(Arguments().isEmpty)
        #expect(Arguments().slice.isEmpty)
        #expect(try Arguments(slice: []) == Arguments())
        #expect(try Arguments(slice: Array("  ".utf8)) == Arguments())
    }

    @Test("arguments built from a list have the same elements")
    func building() {
        let list: [Argument] = [
            .json(JSONText(integer: 1)), .binary([7]), .json(JSONText(string: "a,b")), .binary([]), .json(.null),
            .json(JSONText(bool: true)),
        ]
        let arguments = Arguments(list)
        #expect(Array(arguments) == list)
        #expect(arguments.attachments == [[7], []])
    }

    @Test("a slice and attachments recreate the same arguments")
    func journey() throws {
        let packet = try #require(
            try decodedPacket(#"51-["m",1,{"_placeholder":true,"num":0},[2]]"#, attachments: [[5]]))
        let arrived = try Arguments(slice: Array(packet.argumentsSlice), attachments: packet.attachments)
        #expect(arrived == packet.arguments)
        #expect(Array(arrived) == Array(packet.arguments))
    }

    @Test("a slice that is not a list of values is rejected", arguments: ["[", "1,", "1 2", "]", "{\"a\"}", "nul"])
    func badSlice(slice: String) {
        #expect(throws: PacketError.self) { try Arguments(slice: Array(slice.utf8)) }
    }

    @Test("without attachments a placeholder is plain data")
    func plainPlaceholder() throws {
        let arguments = try Arguments(slice: Array(#"{"_placeholder":true,"num":3}"#.utf8))
        #expect(arguments.first.map { if case .json = $0 { true } else { false } } == true)
    }

    @Test("arguments with different text or attachments are not equal")
    func equality() throws {
        #expect(Arguments([.binary([1])]) != Arguments([.binary([2])]))
        #expect(Arguments([.json(.null)]) != Arguments())
    }
}
