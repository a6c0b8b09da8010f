import Testing

@testable import Persistence

@Suite("Store: survives rows of other programs with values that no client can use")
struct StoreExtremeRowsTests {
    let directory: StoreDirectory

    init() throws {
        directory = try StoreDirectory()
        try directory.foreign().execute(Tutorial.create + Tutorial.insert("first", "f-0"))
    }

    @Test(
        "a time outside the range of JavaScript dates counts as unknown",
        arguments: [
            ("1700000000000", 1_700_000_000_000), ("0", 0), ("8640000000000000", 8_640_000_000_000_000),
            ("8640000000000001", 0), ("9223372036854775807", 0), ("-1", 0), ("-9223372036854775808", 0),
            ("'text'", 0), ("'1700000000000'", 1_700_000_000_000), ("1.7e12", 1_700_000_000_000), ("1e300", 0),
            ("x'0102'", 0),
        ] as [(String, Int64)])
    func times(sql: String, time: Int64) async throws {
        let store = try directory.store()
        try directory.foreign().execute("INSERT INTO messages (content, created_at) VALUES ('theirs', \(sql))")
        #expect(try await store.poll() == [StoredMessage(id: 2, content: Array("theirs".utf8), storedAt: time)])
        #expect(try await store.allRows().last?.storedAt == time)
    }

    @Test(
        "a content of any storage class is read as text",
        arguments: [("NULL", ""), ("42", "42"), ("1.5", "1.5"), ("x'ff41'", "\u{FFFD}A"), ("''", "")])
    func contents(sql: String, text: String) async throws {
        let store = try directory.store()
        try directory.foreign().execute("INSERT INTO messages (content, client_offset) VALUES (\(sql), \(sql))")
        #expect(try await store.poll().map(\.text) == [text])
    }

    @Test(
        "rows with ids below 1 or above the highest usable id are ignored, and messages are still stored",
        arguments: [
            StoredMessage.maxID + 1, StoredMessage.maxID + 5, .max - 1, .max, 0, -1, .min,
        ] as [Int64], [true, false])
    func ids(id: Int64, isBefore: Bool) async throws {
        let insert = "INSERT INTO messages (id, content) VALUES (\(id), 'far')"
        if isBefore { try directory.foreign().execute(insert) }
        let store = try directory.store()
        if !isBefore { try directory.foreign().execute(insert) }
        #expect(store.opening.highestRowID == 1 && store.opening.highestAssignedID == 1)
        #expect(try await store.poll() == [])
        #expect(try await store.commit([.init("o", "a"), .init("o", "a"), .init(nil, "b")]).outcomes.count == 3)
        let rows = try await store.page(after: 0, through: .max, limit: PageLimit(messages: 10, bytes: 1000)).messages
        #expect(rows.map(\.text) == ["first", "a", "b"])
        #expect(rows.map(\.id).last.map { $0 < 10 } == true)
        let back = try await store.page(before: .max, limit: PageLimit(messages: 2, bytes: 1000)).messages
        #expect(back.map(\.text) == ["a", "b"])
        #expect(try await store.start(ofLatest: 2, through: .max) == 1)

        // After a restart the ids continue.
        await store.close()
        let next = try directory.store("epoch-2")
        #expect(next.opening.highestRowID == rows.last?.id)
        #expect(try await next.commit([.init(nil, "c")]).outcomes.count == 1)
        #expect(try await next.allRows().filter { $0.id > 0 }.map(\.text) == ["first", "a", "b", "c"])
    }

    @Test("after the row is deleted and the counter is reset, SQLite assigns the ids again")
    func repaired() async throws {
        let store = try directory.store()
        let other = try directory.foreign()
        try other.execute("INSERT INTO messages (id, content) VALUES (\(Int64.max), 'far')")
        #expect(try await store.commit([.init(nil, "a")]).shortOutcomes == [.stored(id: 2)])
        try other.execute("DELETE FROM messages WHERE id = \(Int64.max); UPDATE sqlite_sequence SET seq = 2")
        #expect(try await store.commit([.init(nil, "b")]).shortOutcomes == [.stored(id: 3)])
        #expect(try other.firstInteger("SELECT seq FROM sqlite_sequence") == 3)
    }

    @Test("the ids of deleted rows are not reused while the counter is too high")
    func deleted() async throws {
        let store = try directory.store()
        let other = try directory.foreign()
        try other.execute("INSERT INTO messages (id, content) VALUES (\(Int64.max), 'far')")
        _ = try await store.commit([.init(nil, "a"), .init(nil, "b")])
        try other.execute("DELETE FROM messages WHERE content = 'b'")
        #expect(try await store.commit([.init(nil, "c")]).shortOutcomes == [.stored(id: 4)])
    }

    @Test("a message with the highest possible id is stored, and later messages fail with an error that says so")
    func exhausted() async throws {
        let store = try directory.store()
        let other = try directory.foreign()
        try other.execute("INSERT INTO messages (id, content) VALUES (\(StoredMessage.maxID - 1), 'far')")
        #expect(try await store.commit([.init(nil, "last")]).shortOutcomes == [.stored(id: StoredMessage.maxID)])
        for _ in 0..<2 {
            let error = await #expect(throws: StoreError.self) { try await store.commit([.init(nil, "more")]) }
            #expect(error?.cause == .full)
            #expect(error.map { "\($0)".contains("highest possible id") && !"\($0)".contains("disk") } == true)
        }
        #expect(try await store.allTexts() == ["first", "far", "last"])
    }
}
