import Testing

@testable import Actors

@Suite("Mixed value")
struct MixedValueTests {
    private static func place(_ number: Int) -> String { #"{"_placeholder":true,"num":\#(number)}"# }

    private static func list(_ text: String, _ attachments: [UInt8]...) -> MixedValue {
        MixedValue(EncodedArguments(text: Array(text.utf8), attachments: attachments))
    }

    /// The list's only element.
    private static func value(_ text: String, _ attachments: [UInt8]...) -> MixedValue {
        EncodedArguments(text: Array(text.utf8), attachments: attachments).first
    }

    @Test("a part has its own attachments, in the order of its text")
    func part() throws {
        let whole = Self.list(#"\#(Self.place(2)),[1,\#(Self.place(1)),{"a":\#(Self.place(0))}]"#, [0], [1], [2])
        let second = whole.part(try #require(whole.json[1]))
        #expect(second.json.description == #"[1,\#(Self.place(0)),{"a":\#(Self.place(1))}]"#)
        #expect(second.attachments == [[1], [0]])
        #expect(whole.part(try #require(whole.json[0])) == Self.value(Self.place(0), [2]))
    }

    @Test("a part without placeholders keeps its text", arguments: ["1", #""{[""#, #"[ {"a":[ ]} ]"#, "{}"])
    func plain(text: String) throws {
        let whole = Self.list("\(text),\(Self.place(0))", [1])
        #expect(whole.part(try #require(whole.json[0])) == MixedValue(try JSONText(validating: Array(text.utf8))))
    }

    @Test("an object that is a placeholder and contains others stands for one attachment")
    func nested() throws {
        let outer = #"{"_placeholder":true,"x":[\#(Self.place(0)),\#(Self.place(2))],"num":1}"#
        let whole = Self.list("[\(outer),\(Self.place(3))]", [0], [1], [2], [3])
        let part = whole.part(try #require(whole.json[0]))
        #expect(part.json.description == "[\(Self.place(0)),\(Self.place(1))]")
        #expect(part.attachments == [[1], [3]])
    }

    @Test("binary data in JSON becomes an object, as in Node")
    func buffers() {
        var output: [UInt8] = []
        Self.list(#""\"{",\#(Self.place(0)),[\#(Self.place(1))],2"#, [0, 255], []).appendJSON(to: &output)
        let expected = #"["\"{",{"type":"Buffer","data":[0,255]},[{"type":"Buffer","data":[]}],2]"#
        #expect(String(decoding: output, as: UTF8.self) == expected)
    }

    @Test("without attachments, what looks like a placeholder is plain data")
    func lookalike() {
        var output: [UInt8] = []
        Self.value(Self.place(0)).appendJSON(to: &output)
        #expect(output == Array(Self.place(0).utf8))
    }

    @Test("MessagePack is one value; binary data and a map like a placeholder exclude each other")
    func messagePack() throws {
        #expect(try MixedValue(messagePack: packed("<92 01 c4 01 09>")) == Self.list("1,\(Self.place(0))", [9]))
        #expect(throws: MessagePackError.trailingBytes(1)) { try MixedValue(messagePack: [1, 2]) }
        #expect(throws: MessagePackError.truncated) { try MixedValue(messagePack: []) }
        let lookalike = "<82 ac>_placeholder<c3 a3>num<00>"
        #expect(try MixedValue(messagePack: packed(lookalike)) == Self.value(Self.place(0)))
        #expect(throws: MessagePackError.ambiguousPlaceholder) {
            try MixedValue(messagePack: packed("<92>\(lookalike)<c4 01 09>"))
        }
    }

    @Test("arguments are split into the first one and the others")
    func split() {
        let arguments = EncodedArguments(text: Array(#""a" , [1] ,\#(Self.place(0))"#.utf8), attachments: [[7]])
        #expect(arguments.first.json.description == #""a""#)
        #expect(arguments.withoutFirst.text == Array("[1] ,\(Self.place(0))".utf8))
        #expect(arguments.withoutFirst.attachments == [[7]])
        for text in ["", "1"] {
            #expect(EncodedArguments(text: Array(text.utf8)).withoutFirst == EncodedArguments(text: []))
        }
        #expect(MixedValue(arguments).arguments == arguments)
        #expect(Self.value("1").arguments == nil)
    }

    @Test("members with long names are skipped; names are decoded")
    func members() {
        let object: JSONText = ["abc": 1, "abcd": 2, "é": 3]
        var found: [String] = []
        object.forEachMember(namesUpTo: 3) { found.append("\($0)=\($1)") }
        #expect(found == ["abc=1", "é=3"])
        JSONText(bool: true).forEachMember(namesUpTo: 3) { name, _ in found.append(name) }
        #expect(found.count == 2)
    }

    @Test("an array with too many elements is refused")
    func elements() {
        let array: JSONText = [1, [2, 3], 4]
        #expect(array.elements(upTo: 3) == [1, [2, 3], 4])
        #expect(array.elements(upTo: 2) == nil)
        #expect(JSONText.null.elements(upTo: 2) == nil)
    }
}
