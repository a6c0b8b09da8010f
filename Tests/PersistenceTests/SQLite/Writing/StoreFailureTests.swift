import Testing

@testable import Persistence

@Suite("Store: a failed group stores nothing and leaves the store usable")
struct StoreFailureTests {
    let directory: StoreDirectory

    init() throws {
        directory = try StoreDirectory()
    }

    @Test("of a group that does not fit on the disk, what fits is stored; without such a message it fails as full")
    func full() async throws {
        let store = try directory.store()
        _ = try await store.commit([.init("o-0", "before")])
        try await store.execute("PRAGMA max_page_count = 1")
        let big = (0..<64).map { MessageDraft("b-\($0)", String(repeating: "x", count: 40_000)) }
        await #expect { try await store.commit(big) } throws: { ($0 as? StoreError)?.cause == .full }
        #expect(try await store.allTexts() == ["before"])
        let report = try await store.commit(big + [.init("o-1", "last of its group")])
        #expect(report.shortOutcomes.dropLast().allSatisfy { $0 == .refused })
        #expect(try await store.allTexts() == ["before", "last of its group"])

        try await store.execute("PRAGMA max_page_count = 1000000")
        #expect(try await store.commit([.init("o-1", "last of its group")] + big).outcomes.count == 65)
        #expect(try await store.allRows().count == 66)
    }

    @Test("a group fails as busy if another program keeps the write lock, and reading still works")
    func busy() async throws {
        let store = try directory.store(options: .with { $0.busyTimeout = .milliseconds(20) })
        _ = try await store.commit([.init(nil, "before")])
        let foreign = try directory.foreign()
        try foreign.execute("BEGIN IMMEDIATE")
        await #expect { try await store.commit([.init("o", "a")]) } throws: { ($0 as? StoreError)?.cause == .busy }
        #expect(try await store.poll() == [])
        #expect(try await store.allTexts() == ["before"])

        try foreign.execute("COMMIT")
        #expect(try await store.commit([.init("o", "a")]).shortOutcomes == [.stored(id: 2)])
    }

    @Test(
        "if one statement of a group fails, none of its messages is stored",
        arguments: ["ROLLBACK", "ABORT", "FAIL"])
    func statementFails(resolution: String) async throws {
        let store = try directory.store()
        // ROLLBACK ends the transaction, FAIL keeps the statement's changes, ABORT undoes only the statement.
        try directory.foreign().execute(
            """
            CREATE TRIGGER refuse BEFORE INSERT ON messages WHEN new.content = 'bad'
            BEGIN SELECT RAISE(\(resolution), 'no bad words'); END
            """)
        let group: [MessageDraft] = [.init("o-0", "good"), .init("o-1", "bad"), .init("o-2", "also good")]
        let error = await #expect(throws: StoreError.self) { try await store.commit(group) }
        #expect(error?.cause == .other)
        #expect(error.map { "\($0)".contains("no bad words") && "\($0)".contains(directory.file()) } == true)
        #expect(try await store.allTexts() == [])
        #expect(try await store.commit([.init("o-0", "good")]).outcomes.count == 1)
        #expect(try await store.allTexts() == ["good"])
    }

    @Test("a message that a trigger discards is not acknowledged", arguments: ["o", nil])
    func discardedRow(offset: String?) async throws {
        let store = try directory.store()
        try directory.foreign().execute(
            "CREATE TRIGGER discard BEFORE INSERT ON messages BEGIN SELECT RAISE(IGNORE); END")
        await #expect(throws: StoreError.self) { try await store.commit([.init(offset, "a")]) }
        #expect(try await store.allTexts() == [])
    }

    @Test("a damaged table is reported as corrupt")
    func corrupt() async throws {
        let first = try directory.store("epoch-1")
        _ = try await first.commit((0..<4000).map { .init("o-\($0)", "message \($0)") })
        await first.close()
        var bytes = directory.contents()
        try #require(bytes.count > 40 * 4096)
        // Opening the store reads the first pages and the table's last page, which is near the end. Leave those intact.
        for index in 16 * 4096..<bytes.count - 8 * 4096 { bytes[index] = 0xA5 }
        directory.write(bytes)
        let second = try directory.store("epoch-2")
        await #expect { try await second.allRows() } throws: { ($0 as? StoreError)?.cause == .corrupt }
    }
}
