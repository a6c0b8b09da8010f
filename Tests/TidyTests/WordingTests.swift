import Testing

@Suite("Wording")
struct WordingTests {
    @Test("no text of the project has a phrase that readers stumble over")
    func repository() {
        expectNone(Repository.files.flatMap(Wording.oddPhrases))
    }

    @Test("a phrase is found in any case, and across lines of a comment")
    func found() {
        let file = SourceFile(path: "a.swift", text: "let a = 1\n/// WHOEVER\n    /// reads this\n")
        #expect(Wording.oddPhrases(in: file) == ["a.swift:2: WHOEVER "])
    }
}
