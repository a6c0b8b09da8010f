import Testing

@Suite("Layout")
struct LayoutTests {
    @Test("no line has more than 120 columns")
    func lines() {
        expectNone(Repository.files.flatMap(LayoutRules.wideLines))
    }

    @Test("no function has more than 70 lines")
    func functions() {
        expectNone(Repository.swiftFiles.flatMap(LayoutRules.longFunctions))
    }

    @Test("no Swift file has more than 300 lines")
    func files() {
        expectNone(LayoutRules.longFiles(among: Repository.files))
    }

    @Test("no folder has more than 15 files")
    func folders() {
        expectNone(LayoutRules.fullFolders(among: Repository.files))
    }

    @Test("each Python file of the tests has a name of its own")
    func modules() {
        expectNone(LayoutRules.sharedModuleNames(among: Repository.files))
    }

    // MARK: The rules

    @Test("a line of 121 characters is too wide; the number of bytes does not matter")
    func width() {
        let text = String(repeating: "é", count: 120) + "\n" + String(repeating: "é", count: 121)
        let file = SourceFile(path: "a.md", text: text)
        #expect(LayoutRules.wideLines(in: file) == ["a.md:2: 121 columns"])
    }

    @Test("a link alone and a row of a table may be wide in Markdown", arguments: ["https://a.example/", "| "])
    func unbreakable(start: String) {
        let link = "  " + start + String(repeating: "a", count: 120)
        #expect(LayoutRules.wideLines(in: SourceFile(path: "a.md", text: link)).isEmpty)
        #expect(LayoutRules.wideLines(in: SourceFile(path: "a.swift", text: link)).count == 1)
    }

    @Test("the length of a function includes its first line and its closing brace", arguments: [69, 70, 71])
    func functionLength(count: Int) {
        let body = String(repeating: "        call()\n", count: count - 2)
        let file = SourceFile(path: "a.swift", text: "struct A {\n    func a() {\n\(body)    }\n}\n")
        #expect(LayoutRules.longFunctions(in: file) == (count > 70 ? ["a.swift:2: 71 lines"] : []))
    }

    @Test("a file of 301 lines is too long, and a folder of 16 files is too full")
    func sizes() {
        let lines = String(repeating: "\n", count: 301)
        #expect(LayoutRules.longFiles(among: [SourceFile(path: "a.swift", text: lines)]) == ["a.swift: 301 lines"])
        let files = (0..<16).map { SourceFile(path: "b/\($0).swift", text: "") }
        #expect(LayoutRules.fullFolders(among: files) == ["b: 16 files"])
    }

    @Test("two Python files with one name are named with their folders, but not two conftest.py")
    func moduleNames() {
        let files = ["Tests/b/c.py", "Tests/a/c.py", "Tests/a/conftest.py", "Tests/b/conftest.py", "docs/c.py"]
            .map { SourceFile(path: $0, text: "") }
        #expect(LayoutRules.sharedModuleNames(among: files) == ["c.py: Tests/a, Tests/b"])
    }
}
