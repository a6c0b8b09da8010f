import Testing

@Suite("Snippets")
struct SnippetTests {
    @Test("the Swift code of README and of the guide is compiled with the examples")
    func repository() {
        let documents = Repository.files.filter { ["README.md", "docs/guide.md"].contains($0.path) }
        #expect(documents.count == 2)
        let compiled = Repository.swiftFiles.filter { file in
            ["Examples/", "Tests/SocketTestingTests/"].contains { file.path.hasPrefix($0) }
        }
        let snippets = Snippets(documents: documents, examples: compiled)
        expectNone(snippets.violations)
        #expect(snippets.blocks.count > 30)
    }

    @Test("a changed line, an unused part and a missing mark are found; indentation does not count")
    func violations() {
        let document = SourceFile(
            path: "a.md", text: "```\nx\n```\n```swift\nif a {\n    b()\n}\n```\n```swift\nc()\n```\n")
        let text = """
                \(Snippets.begin)
                if a {
                    b()
                }
                \(Snippets.end)
            \(Snippets.begin)
            d()
            \(Snippets.end)
            \(Snippets.end)
            \(Snippets.begin)
            """
        let snippets = Snippets(documents: [document], examples: [SourceFile(path: "a.swift", text: text)])
        #expect(
            snippets.violations == [
                "a.swift:9: no counterpart", "a.swift:10: no counterpart",
                "a.md:9: not a marked part of an example", "a.swift:6: no document shows this",
            ])
    }
}
