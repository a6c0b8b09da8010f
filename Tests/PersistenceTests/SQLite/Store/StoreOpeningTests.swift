import Glibc
import TestSupport
import Testing

@testable import Persistence

@Suite("Store: opens and migrates a database")
struct StoreOpeningTests {
    let directory: StoreDirectory

    init() throws {
        directory = try StoreDirectory()
    }

    @Test("a missing file is created")
    func created() async throws {
        let store = try directory.store()
        #expect(store.opening == StoreOpening(highestRowID: 0, highestAssignedID: 0, epochNumber: 1))
        #expect(
            try await store.page(after: 0, through: .max, limit: .init(messages: 1, bytes: 1))
                == HistoryPage(messages: [], reachesEnd: true))
        #expect(directory.names.contains("chat.db"))
    }

    @Test("the tutorial's database keeps its rows and gets the new columns")
    func migration() async throws {
        let tutorial = try directory.foreign()
        try tutorial.execute(Tutorial.create + Tutorial.insert("one", "a-0") + ";" + Tutorial.insert("two", "a-1"))

        let store = try directory.store()
        #expect(store.opening == StoreOpening(highestRowID: 2, highestAssignedID: 2, epochNumber: 1))
        #expect(
            try await store.allRows() == [
                StoredMessage(id: 1, content: Array("one".utf8), storedAt: 0, clientOffset: Array("a-0".utf8)),
                StoredMessage(id: 2, content: Array("two".utf8), storedAt: 0, clientOffset: Array("a-1".utf8)),
            ])
        #expect(try await store.commit([.init("a-1", "two")]).shortOutcomes == [.repeated(id: 2)])
    }

    @Test("an older database without authors gets the column and keeps its rows and times")
    func withoutAuthors() async throws {
        let old = try directory.foreign()
        try old.execute(
            """
            CREATE TABLE messages (
                id INTEGER PRIMARY KEY AUTOINCREMENT, client_offset TEXT UNIQUE, content TEXT,
                created_at INTEGER NOT NULL DEFAULT 0
            );
            INSERT INTO messages (client_offset, content, created_at) VALUES ('a-0', 'one', 1700000000123);
            """)
        for epoch in ["epoch-1", "epoch-2"] {
            let store = try directory.store(epoch)
            let first = try #require(try await store.allRows().first)
            #expect(
                first
                    == StoredMessage(
                        id: 1, content: Array("one".utf8), storedAt: 1_700_000_000_123,
                        clientOffset: Array("a-0".utf8)))
            _ = try await store.commit([MessageDraft(clientOffset: nil, content: [0x61], author: [0x62])])
            #expect(try await store.allRows().last?.author == [0x62])
            await store.close()
        }
    }

    @Test("a database of version 1 gets the column for names and keeps its rows")
    func withoutNames() async throws {
        let first = try directory.store("epoch-1")
        _ = try await first.commit([MessageDraft(clientOffset: nil, content: [0x61], author: [0x62])])
        await first.close()
        let old = try directory.foreign()
        try old.execute("ALTER TABLE messages DROP COLUMN author_name; UPDATE chatd_schema SET version = 1")
        #expect(try Schema.inspect(old) == .hasAdditions(Schema.additionCount - 1))
        let second = try directory.store("epoch-2")
        let named = MessageAuthor(id: [0x62], name: "Ben")
        _ = try await second.commit([MessageDraft(clientOffset: nil, content: [0x63], attribution: named)])
        #expect(try await second.allRows().map(\.attribution) == [MessageAuthor(id: [0x62]), named])
        #expect(try SchemaVersion.recorded(in: directory.foreign()) == 2)
    }

    @Test("the tutorial's program can still write to a migrated database")
    func tutorialAfterwards() async throws {
        let tutorial = try directory.foreign()
        try tutorial.execute(Tutorial.create + Tutorial.insert("before", "a-0"))
        let store = try directory.store()
        try tutorial.execute(Tutorial.create + Tutorial.insert("after", "a-1"))
        #expect(try await store.poll().map(\.text) == ["after"])
        #expect(throws: StoreError.self) { try tutorial.execute(Tutorial.insert("again", "a-1")) }
    }

    @Test("a reopened database has its rows and epochs, and detects repeats")
    func reopened() async throws {
        let first = try directory.store("epoch-1")
        _ = try await first.commit([.init("o", "a"), .init("o", "b"), .init(nil, "c")])
        await first.close()
        #expect(directory.names == ["chat.db", "chat.db.lock"])

        let second = try directory.store("epoch-2")
        #expect(second.opening.highestRowID == 4)
        #expect(try await second.commit([.init("o", "b")]).shortOutcomes == [.repeated(id: 3)])
        #expect(try await second.allTexts() == ["a", "b", "c"])
        #expect(second.opening.epochNumber == 2)
        #expect(["epoch-1", "epoch-2", "epoch-3", ""].map(second.rowLimit(ofEpoch:)) == [4, .max, nil, nil])
    }

    @Test("the ids of deleted rows count as assigned")
    func deletedRows() async throws {
        let first = try directory.store("epoch-1")
        _ = try await first.commit([.init(nil, "a"), .init(nil, "b")])
        await first.close()
        try directory.foreign().execute("DELETE FROM messages WHERE id = 2")
        let second = try directory.store("epoch-2")
        #expect(second.opening.highestRowID == 1)
        #expect(second.opening.highestAssignedID == 2)
        #expect(try await second.commit([.init(nil, "c")]).shortOutcomes == [.stored(id: 3)])
    }

    @Test("an epoch that was used before is rejected")
    func epochUsedTwice() async throws {
        let first = try directory.store("epoch-1")
        await first.close()
        #expect(throws: StoreError.self) { try directory.store("epoch-1") }
        _ = try directory.store("epoch-2")
    }

    @Test(
        "a file that is not a database is rejected and not changed",
        arguments: [1, 15, 100, 511, 4096, 10_000])
    func garbage(size: Int) throws {
        var random = SplitMix64(seed: UInt64(size))
        let bytes = (0..<size).map { _ in UInt8.random(in: 0...255, using: &random) }
        directory.write(bytes)
        #expect(throws: StoreError.notADatabase(path: directory.file())) { try directory.store() }
        #expect(directory.contents() == bytes)
    }

    @Test(
        "a database whose tables have our names but other columns is rejected and not changed",
        arguments: [
            "CREATE TABLE messages (id INTEGER PRIMARY KEY AUTOINCREMENT, body TEXT)",
            """
            CREATE TABLE messages
                (id INTEGER PRIMARY KEY AUTOINCREMENT, client_offset TEXT UNIQUE, content TEXT, room TEXT)
            """,
            "CREATE TABLE messages (id INTEGER PRIMARY KEY, client_offset TEXT UNIQUE, content TEXT)",
            "CREATE TABLE messages (id TEXT PRIMARY KEY, client_offset TEXT UNIQUE, content TEXT)",
            "CREATE TABLE messages (id INTEGER PRIMARY KEY AUTOINCREMENT, client_offset TEXT, content TEXT)",
            "CREATE TABLE messages (id INTEGER PRIMARY KEY AUTOINCREMENT, client_offset INTEGER UNIQUE, content TEXT)",
            """
            CREATE TABLE messages
                (id INTEGER PRIMARY KEY AUTOINCREMENT, client_offset TEXT UNIQUE NOT NULL, content TEXT)
            """,
            """
            CREATE TABLE messages
                (id INTEGER PRIMARY KEY AUTOINCREMENT, client_offset TEXT UNIQUE COLLATE NOCASE, content TEXT)
            """,
            """
            CREATE TABLE messages (id INTEGER PRIMARY KEY AUTOINCREMENT, client_offset TEXT UNIQUE, content TEXT,
                author TEXT, created_at INTEGER NOT NULL DEFAULT 0)
            """,
            """
            CREATE TABLE messages (id INTEGER PRIMARY KEY AUTOINCREMENT, client_offset TEXT UNIQUE, content TEXT,
                created_at INTEGER NOT NULL DEFAULT 0, author TEXT NOT NULL DEFAULT '')
            """,
            "CREATE VIEW messages AS SELECT 1 AS id, 'o' AS client_offset, 'c' AS content",
            "CREATE TABLE chatd_epochs (number INTEGER PRIMARY KEY, name TEXT)",
            "PRAGMA encoding = 'UTF-16le'; CREATE TABLE other (a)",
        ])
    func otherShape(sql: String) throws {
        do { try directory.foreign().execute(sql) }
        let before = directory.contents()
        let error = #expect(throws: StoreError.self) { try directory.store() }
        guard case .unsuitableSchema(directory.file(), _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(directory.contents() == before)
        #expect(error.map { !"\($0)".contains("\n") && "\($0)".contains(directory.path) } == true)
    }

    @Test(
        "a path that cannot be opened is rejected with a reason",
        arguments: ["/proc/self/chat.db", "/nonexistent/chat.db", "/tmp", ""])
    func unreachable(path: String) {
        let error = #expect(throws: StoreError.self) { try SQLiteStore(path: path, epoch: "e") }
        guard case .cannotOpen(path, let reason) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(!reason.isEmpty)
    }

    @Test("a store in memory starts empty and is deleted when closed")
    func memory() async throws {
        for _ in 0..<2 {
            let store = try SQLiteStore(path: SQLiteStore.memoryPath, epoch: "same")
            #expect(store.rowLimit(ofEpoch: "same") == .max)
            #expect(try await store.commit([.init("o", "a")]).shortOutcomes == [.stored(id: 1)])
            #expect(try await store.poll() == [])
            #expect(try await store.allTexts() == ["a"])
            await store.close()
        }
    }

    @Test("every call to a closed store throws that it is closed", arguments: [true, false])
    func closed(inMemory: Bool) async throws {
        let store = try SQLiteStore(path: inMemory ? SQLiteStore.memoryPath : directory.file(), epoch: "e")
        await store.close()
        await store.close()
        await #expect(throws: StoreError.closed) { try await store.commit([.init(nil, "a")]) }
        await #expect(throws: StoreError.closed) { try await store.poll() }
        await #expect(throws: StoreError.closed) {
            try await store.page(after: 0, through: 1, limit: PageLimit(messages: 1, bytes: 1))
        }
    }
}
