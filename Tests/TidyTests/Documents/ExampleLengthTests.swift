import Testing

@Suite("Lengths of examples")
struct ExampleLengthTests {
    @Test("the guide states the length of each example and of the same program for Node")
    func repository() {
        let lengths = ExampleLengths(
            guide: Repository.files.first { $0.path == "docs/guide.md" },
            examples: Repository.files.filter { $0.path.hasPrefix("Examples/") })
        #expect(lengths.stated == lengths.counted)
        #expect(lengths.counted.count >= 5)
    }

    @Test("empty lines and comments do not count")
    func counting() {
        let files = [
            SourceFile(path: "Examples/A/main.swift", text: "// a\nb()\n\n    // c\nd()\n"),
            SourceFile(path: "Examples/Node/A.js", text: "b();\n"),
        ]
        let row = "| [A](../Examples/A) | 2 | [1](../Examples/Node/A.js) |"
        let lengths = ExampleLengths(guide: SourceFile(path: "a.md", text: "| x |\n\(row)\n"), examples: files)
        #expect(lengths.stated == [row])
        #expect(lengths.counted == [row])
    }
}
