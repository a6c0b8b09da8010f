import Testing

@Suite("Declarations")
struct DeclarationTests {
    @Test("everything that the sources declare is used, and not by tests alone")
    func repository() {
        expectNone(Declarations(of: Repository.swiftFiles).unused)
    }

    @Test("a name that occurs only once in the code is unused, even if a comment has it too")
    func unused() {
        let text = "func a() { b() } // calls c\nfunc c() {}\nfunc b() {}\na()\n"
        let file = SourceFile(path: "Sources/a.swift", text: text)
        #expect(Declarations(of: [file]).unused == ["Sources/a.swift:2: nothing uses c"])
    }

    @Test("a name that only tests use is found, unless it is public")
    func testsOnly() {
        let source = SourceFile(path: "Sources/a.swift", text: "func a() {}\npublic func b() {}\n")
        let test = SourceFile(path: "Tests/a.swift", text: "a()\nb()\n")
        #expect(Declarations(of: [source, test]).unused == ["Sources/a.swift:1: only tests use a"])
    }
}
