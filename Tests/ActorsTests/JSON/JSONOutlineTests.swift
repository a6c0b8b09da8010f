import TestSupport
import Testing

@testable import Actors

@Suite("Outline of a JSON text")
struct JSONOutlineTests {
    @Test("the outline has the same elements and members as the text", arguments: 1...6 as ClosedRange<UInt64>)
    func sameParts(seed: UInt64) throws {
        var generator = SplitMix64(seed: seed)
        for _ in 0..<60 {
            let text = JSONText(array: [JSONRandomValue.make(depth: 4, using: &generator).text, "end"])
            let outline = try JSONOutline(of: text.storage.span, in: text.range)
            expectSame(text, outline, at: 0)
        }
    }

    @Test("a part of a longer text has its own outline")
    func part() throws {
        let text = try JSONText(validating: Array(#" [[1], {"a" : [2, "]"]} ] "#.utf8))
        let part = try #require(text[1])
        let outline = try JSONOutline(of: part.storage.span, in: part.range)
        #expect(outline.values.count == 5)
        expectSame(part, outline, at: 0)
    }

    @Test("an outline has at most 512 levels")
    func depth() throws {
        var text = JSONText.null
        for _ in 0..<512 { text = [text] }
        #expect(try JSONOutline(of: text.storage.span, in: text.range).values.count == 513)
        #expect(JSONWalker.depth(of: text.utf8) == 512)
        text = [text]
        #expect(throws: JSONError.tooDeep(offset: 512)) { try JSONOutline(of: text.storage.span, in: text.range) }
    }

    @Test(
        "the depth of a text counts the brackets outside strings",
        arguments: [("1", 0), ("\"[[\"", 0), ("[]", 1), (#"{"[":"{"}"#, 1), (#"[{"a":[]},[[]],"\"[[["]"#, 3)])
    func depthOfText(text: String, depth: Int) {
        #expect(JSONWalker.depth(of: Array(text.utf8)[...]) == depth)
    }

    private func expectSame(_ text: JSONText, _ outline: JSONOutline, at index: Int) {
        #expect(outline.range(of: index) == text.range)
        let contents = outline.contents(of: index)
        let values = text.elements ?? text.members?.map(\.value) ?? []
        // Names precede the values of an object.
        let positions =
            text.kind == .object ? stride(from: 1, to: contents.count, by: 2).map { contents[$0] } : contents
        #expect(positions.count == values.count)
        for (position, value) in zip(positions, values) { expectSame(value, outline, at: position) }
    }
}
