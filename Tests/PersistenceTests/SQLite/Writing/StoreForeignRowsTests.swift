import Testing

@testable import Persistence

@Suite("Store: reports rows of another program on the same file")
struct StoreForeignRowsTests {
    let directory: StoreDirectory

    init() throws {
        directory = try StoreDirectory()
    }

    @Test("foreign rows are reported once, before the next group's rows")
    func beforeTheGroup() async throws {
        let store = try directory.store()
        _ = try await store.commit([.init(nil, "own 1")])
        let foreign = try directory.foreign()
        try foreign.execute(Tutorial.insert("foreign 2", "f-0"))
        try foreign.execute(Tutorial.insert("foreign 3", "f-1"))

        let report = try await store.commit([.init(nil, "own 4")])
        #expect(report.foreignRows.map(\.text) == ["foreign 2", "foreign 3"])
        #expect(report.foreignRows.map(\.id) == [2, 3])
        #expect(report.shortOutcomes == [.stored(id: 4)])
        #expect(try await store.commit([.init(nil, "own 5")]).foreignRows == [])
        #expect(try await store.poll() == [])
    }

    @Test("a poll returns foreign rows, and no rows of the store's own")
    func poll() async throws {
        let store = try directory.store()
        #expect(try await store.poll() == [])
        _ = try await store.commit([.init(nil, "own 1")])
        #expect(try await store.poll() == [])
        try directory.foreign().execute(Tutorial.insert("foreign 2", "f-0"))
        #expect(
            try await store.poll() == [
                StoredMessage(id: 2, content: Array("foreign 2".utf8), storedAt: 0, clientOffset: Array("f-0".utf8))
            ])
        #expect(try await store.poll() == [])
    }

    @Test("rows that exist at the start are history and not reported")
    func history() async throws {
        let foreign = try directory.foreign()
        try foreign.execute(Tutorial.create + Tutorial.insert("old", "f-0"))
        let store = try directory.store()
        #expect(store.opening.highestRowID == 1)
        #expect(try await store.poll() == [])
        #expect(try await store.commit([.init(nil, "new")]).foreignRows == [])
    }

    @Test(
        "more foreign rows than the limit defer the group, and nothing of it is stored",
        arguments: [PageLimit(messages: 2, bytes: .max), PageLimit(messages: .max, bytes: 3)])
    func deferred(limit: PageLimit) async throws {
        let store = try directory.store(options: .with { $0.foreignLimit = limit })
        let foreign = try directory.foreign()
        for index in 1...5 { try foreign.execute(Tutorial.insert("\(index)", "f-\(index)")) }

        var reported: [String] = []
        for expected in [["1", "2"], ["3", "4"]] where limit.messages == 2 {
            let report = try await store.commit([.init("o", "own")])
            #expect(report.isDeferred && report.outcomes.isEmpty)
            #expect(report.foreignRows.map(\.text) == expected)
            reported += expected
        }
        var report = try await store.commit([.init("o", "own")])
        while report.isDeferred {
            #expect(report.outcomes.isEmpty)
            reported += report.foreignRows.map(\.text)
            #expect(try await store.allRows().count == 5)
            report = try await store.commit([.init("o", "own")])
        }
        reported += report.foreignRows.map(\.text)
        #expect(reported == ["1", "2", "3", "4", "5"])
        #expect(report.shortOutcomes == [.stored(id: 6)])
    }

    @Test("exactly as many foreign rows as the limit do not defer the group")
    func exactlyTheLimit() async throws {
        let store = try directory.store(options: .with { $0.foreignLimit = PageLimit(messages: 2, bytes: .max) })
        let foreign = try directory.foreign()
        for index in 1...2 { try foreign.execute(Tutorial.insert("\(index)", "f-\(index)")) }
        let report = try await store.commit([.init(nil, "own")])
        #expect(report.foreignRows.count == 2 && !report.isDeferred)
        #expect(report.shortOutcomes == [.stored(id: 3)])
    }

    @Test("polls return foreign rows in limited portions until there are none")
    func boundedPoll() async throws {
        let store = try directory.store(options: .with { $0.foreignLimit = PageLimit(messages: 2, bytes: .max) })
        let foreign = try directory.foreign()
        for index in 1...3 { try foreign.execute(Tutorial.insert("\(index)", "f-\(index)")) }
        #expect(try await store.poll().map(\.id) == [1, 2])
        #expect(try await store.poll().map(\.id) == [3])
        #expect(try await store.poll() == [])
    }

    @Test("foreign rows are reported again if the group fails after they were read")
    func failedGroup() async throws {
        let store = try directory.store()
        let foreign = try directory.foreign()
        try foreign.execute(Tutorial.insert("foreign", "f-0"))
        await store.replaceCommit { _ in 13 }
        await #expect(throws: StoreError.self) { try await store.commit([.init(nil, "own")]) }
        await store.replaceCommit { $0.commit() }
        #expect(try await store.poll().map(\.text) == ["foreign"])
    }

    @Test("a draft with the offset and content of a foreign row is a repeat of it")
    func repeatOfForeign() async throws {
        let store = try directory.store()
        try directory.foreign().execute(Tutorial.insert("hi", "x-0"))
        let report = try await store.commit([.init("x-0", "hi"), .init("x-0", "other")])
        #expect(report.foreignRows.map(\.id) == [1])
        #expect(report.shortOutcomes.first == .repeated(id: 1))
        #expect(try await store.allTexts() == ["hi", "other"])
    }

    @Test(
        "foreign rows may contain any value, which is read as text",
        arguments: [
            ("NULL", ""), ("x'6869'", "hi"), ("42", "42"), ("x'ff'", "\u{FFFD}"),
            ("CAST(x'61ff62' AS TEXT)", "a\u{FFFD}b"),
            ("''", ""), ("x''", ""), ("1.5", "1.5"), ("zeroblob(2)", "\0\0"),
        ])
    func oddContent(sql: String, text: String) async throws {
        let store = try directory.store()
        try directory.foreign().execute(
            "INSERT INTO messages (client_offset, content, created_at) VALUES (\(sql), \(sql), 'abc')")
        let rows = try await store.poll()
        #expect(rows.map(\.text) == [text] && rows.map(\.storedAt) == [0])
        #expect(try await store.allRows() == rows)
    }

    @Test("ids are not reused after another program empties the table and its counter")
    func counterReset() async throws {
        let store = try directory.store()
        _ = try await store.commit([.init(nil, "1"), .init(nil, "2"), .init(nil, "3")])
        try directory.foreign().execute("DELETE FROM messages; DELETE FROM sqlite_sequence;")
        #expect(try await store.commit([.init(nil, "4")]).shortOutcomes == [.stored(id: 4)])
        try directory.foreign().execute("DELETE FROM messages; UPDATE sqlite_sequence SET seq = 0;")
        #expect(try await store.commit([.init(nil, "5")]).shortOutcomes == [.stored(id: 5)])
    }

    @Test("ids are not reused if a poll has noticed that the counter was reset")
    func counterResetPolled() async throws {
        let store = try directory.store()
        _ = try await store.commit([.init(nil, "1"), .init(nil, "2"), .init(nil, "3")])
        try directory.foreign().execute("DELETE FROM messages; DELETE FROM sqlite_sequence;")
        #expect(try await store.poll() == [])
        #expect(try await store.commit([.init(nil, "4")]).shortOutcomes == [.stored(id: 4)])
    }
}
