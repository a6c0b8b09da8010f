import Testing

@testable import Persistence

@Suite("Store: a repeat is the same offset with the same content")
struct StoreRepeatTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let groups: [[MessageDraft]]
        let outcomes: [[ShortOutcome]]
        let texts: [String]
    }

    /// The expected ids have gaps, because each repeat uses up an id.
    static let cases = [
        Case(
            testDescription: "without an offset every copy is a message",
            groups: [[.init(nil, "a"), .init(nil, "a")], [.init(nil, "a")]],
            outcomes: [[.stored(id: 1), .stored(id: 2)], [.stored(id: 3)]], texts: ["a", "a", "a"]),
        Case(
            testDescription: "a copy in a later group is not stored",
            groups: [[.init("x-0", "a")], [.init("x-0", "a")]],
            outcomes: [[.stored(id: 1)], [.repeated(id: 1)]], texts: ["a"]),
        Case(
            testDescription: "copies in one group are repeats",
            groups: [[.init("x-0", "a"), .init("x-0", "a"), .init("x-0", "a")]],
            outcomes: [[.stored(id: 1), .repeated(id: 1), .repeated(id: 1)]], texts: ["a"]),
        Case(
            testDescription: "other content with the same offset is another message",
            groups: [[.init("undefined-0", "a")], [.init("undefined-0", "b")]],
            outcomes: [[.stored(id: 1)], [.stored(id: 3)]], texts: ["a", "b"]),
        Case(
            testDescription: "a message under a derived key can be repeated too",
            groups: [[.init("undefined-0", "a"), .init("undefined-0", "b")], [.init("undefined-0", "b")]],
            outcomes: [[.stored(id: 1), .stored(id: 3)], [.repeated(id: 3)]], texts: ["a", "b"]),
        Case(
            testDescription: "three contents with one offset are three messages, each repeated once",
            groups: [
                [.init("o", "a"), .init("o", "b"), .init("o", "c")],
                [.init("o", "c"), .init("o", "a"), .init("o", "b")],
            ],
            outcomes: [
                [.stored(id: 1), .stored(id: 3), .stored(id: 5)],
                [.repeated(id: 5), .repeated(id: 1), .repeated(id: 3)],
            ], texts: ["a", "b", "c"]),
        Case(
            testDescription: "the same content with two offsets is two messages",
            groups: [[.init("x-0", "a"), .init("x-1", "a")]],
            outcomes: [[.stored(id: 1), .stored(id: 2)]], texts: ["a", "a"]),
        Case(
            testDescription: "content is compared as bytes: case, accents and length count",
            groups: [[.init("o", "\u{E9}"), .init("o", "e\u{301}"), .init("o", "\u{C9}"), .init("o", "\u{E9}\0")]],
            outcomes: [[.stored(id: 1), .stored(id: 3), .stored(id: 5), .stored(id: 7)]],
            texts: ["\u{E9}", "e\u{301}", "\u{C9}", "\u{E9}\0"]),
        Case(
            testDescription: "an empty text and an empty offset are valid",
            groups: [[.init("", ""), .init("", ""), .init(nil, "")]],
            outcomes: [[.stored(id: 1), .repeated(id: 1), .stored(id: 3)]], texts: ["", ""]),
        Case(testDescription: "an empty group stores nothing", groups: [[]], outcomes: [[]], texts: []),
    ]

    @Test("a draft is a repeat only if its offset and content were stored before", arguments: cases)
    func outcomes(_ sample: Case) async throws {
        let directory = try StoreDirectory()
        for path in [directory.file(), SQLiteStore.memoryPath] {
            let store = try SQLiteStore(path: path, epoch: "e")
            for (group, outcomes) in zip(sample.groups, sample.outcomes) {
                let report = try await store.commit(group)
                #expect(report.shortOutcomes == outcomes)
                #expect(report.foreignRows.isEmpty && !report.isDeferred)
            }
            #expect(try await store.allTexts() == sample.texts)
        }
    }

    @Test("the derived key is offset, U+0000 and the hexadecimal SHA-256 of the content")
    func derivedKey() async throws {
        let directory = try StoreDirectory()
        let store = try directory.store()
        _ = try await store.commit([.init("undefined-0", "hello"), .init("undefined-0", "abc")])
        let key = try directory.foreign().firstText("SELECT client_offset FROM messages WHERE content = 'abc'")
        #expect(key == "undefined-0\0ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    }

    @Test("a row whose content was edited does not count as a first copy, even under the derived key")
    func editedRows() async throws {
        let directory = try StoreDirectory()
        let store = try directory.store()
        _ = try await store.commit([.init("o", "a"), .init("o", "b")])
        try directory.foreign().execute("UPDATE messages SET content = '[removed]'")
        guard case .stored(let id) = try await store.commit([.init("o", "b")]).shortOutcomes.first else {
            Issue.record("the edited row was treated as the message")
            return
        }
        #expect(try await store.commit([.init("o", "b")]).shortOutcomes == [.repeated(id: id)])
        #expect(try await store.allTexts() == ["[removed]", "[removed]", "b"])
    }

    @Test("a group with an offset that contains U+0000 is rejected as a whole")
    func offsetWithNUL() async throws {
        let store = try SQLiteStore(path: SQLiteStore.memoryPath, epoch: "e")
        await #expect(throws: StoreError.offsetContainsNUL(request: 1)) {
            try await store.commit([.init("o", "a"), .init("o\0x", "b")])
        }
        #expect(try await store.allTexts() == [])
    }

    @Test("new rows have the time of their group's commit")
    func time() async throws {
        let store = try SQLiteStore(
            path: SQLiteStore.memoryPath, epoch: "e", options: .with { $0.wallClock = { 1_700_000_000_123 } })
        let message = StoredMessage(id: 1, content: [0x61], storedAt: 1_700_000_000_123)
        #expect(try await store.commit([.init(nil, "a")]).outcomes == [.stored(message)])
        #expect(try await store.allRows() == [message])
    }
}
