import Testing

@testable import Actors

@Suite("Arguments travel as one slice and their attachments")
struct ArgumentsTests {
    @Test("no arguments are an empty slice")
    func empty() throws {
        #expect(Arguments().isEmpty)
        #expect(Arguments().slice.isEmpty)
        #expect(try Arguments(slice: []) == Arguments())
        #expect(try Arguments(slice: Array("  ".utf8)) == Arguments())
    }

    @Test("built arguments come back one by one")
    func building() {
        let list: [Argument] = [
            .json(JSONText(integer: 1)), .binary([7]), .json(JSONText(string: "a,b")), .binary([]), .json(.null),
            .json(JSONText(bool: true)),
        ]
        let arguments = Arguments(list)
        #expect(Array(arguments) == list)
        #expect(arguments.attachments == [[7], []])
    }

    @Test("a slice that was sent elsewhere makes the same arguments there")
    func journey() throws {
        let packet = try #require(
            try decodedPacket(#"51-["m",1,{"_placeholder":true,"num":0},[2]]"#, attachments: [[5]]))
        let arrived = try Arguments(slice: Array(packet.argumentsSlice), attachments: packet.attachments)
        #expect(arrived == packet.arguments)
        #expect(Array(arrived) == Array(packet.arguments))
    }

    @Test("a slice that is no list of values is refused", arguments: ["[", "1,", "1 2", "]", "{\"a\"}", "nul"])
    func badSlice(slice: String) {
        #expect(throws: PacketError.self) { try Arguments(slice: Array(slice.utf8)) }
    }

    @Test("without attachments a placeholder is plain data")
    func plainPlaceholder() throws {
        let arguments = try Arguments(slice: Array(#"{"_placeholder":true,"num":3}"#.utf8))
        #expect(arguments.first.map { if case .json = $0 { true } else { false } } == true)
    }

    @Test("arguments differ by their text or their attachments")
    func equality() throws {
        #expect(Arguments([.binary([1])]) != Arguments([.binary([2])]))
        #expect(Arguments([.json(.null)]) != Arguments())
    }
}
