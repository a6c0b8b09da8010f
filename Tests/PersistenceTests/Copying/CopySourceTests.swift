import Glibc
import Testing

@testable import Persistence

@Suite("Copying: the source")
struct CopySourceTests {
    private let directory: StoreDirectory

    init() throws {
        directory = try StoreDirectory()
    }

    private func source() throws -> CopySource {
        try CopySource(path: directory.file())
    }

    private func rows(of source: CopySource) throws -> [SourceRow] {
        var rows: [SourceRow] = []
        while let row = try source.next() { rows.append(row) }
        return rows
    }

    /// A database that a server has used and closed.
    private func served(_ texts: [String], epoch: String = "epoch-1") async throws {
        let store = try directory.store(epoch)
        for text in texts { _ = try await store.commit([MessageDraft("o-" + text, text)]) }
        await store.close()
    }

    @Test("rows, ids and starts of a server's database")
    func ordinary() async throws {
        try await served(["one", "two"])
        try await served(["three"], epoch: "epoch-2")
        let foreign = try directory.foreign()
        try foreign.execute("DELETE FROM messages WHERE id = 3")
        let source = try self.source()
        let found = try rows(of: source)
        #expect(found.map(\.id) == [1, 2] && found.map(\.content) == ["one", "two"])
        #expect(found.map(\.clientOffset) == ["o-one", "o-two"])
        #expect((source.rowCount, source.assigned.highestReceived, source.assigned.highest) == (2, 3, 3))
        #expect(source.assigned.starts.map(\.epoch) == [Array("epoch-1".utf8), Array("epoch-2".utf8)])
        #expect(source.assigned.starts.map(\.highestID) == [0, 2])
        #expect(try source.has(key: Array("o-two".utf8)) && !source.has(key: Array("o-three".utf8)))
    }

    @Test("the tutorial's database has no times, authors and starts")
    func tutorial() throws {
        let foreign = try directory.foreign()
        try foreign.execute(Tutorial.create)
        try foreign.execute(Tutorial.insert("hi", "x-1"))
        let source = try self.source()
        #expect(try rows(of: source) == [SourceRow(1, "x-1", "hi", createdAt: .null)])
        #expect(source.assigned.starts.isEmpty && source.assigned.highestReceived == 1)
    }

    @Test("every storage class is read as it is stored")
    func storageClasses() throws {
        let foreign = try directory.foreign()
        try foreign.execute(Tutorial.create)
        try foreign.execute(
            """
            INSERT INTO messages VALUES
                (-5, x'61', 5), (2, 'a' || char(0) || 'b', x''), (3, NULL, CAST(x'ff' AS TEXT))
            """)
        let found = try rows(of: source())
        #expect(found.map(\.id) == [-5, 2, 3])
        #expect(found.map(\.clientOffset) == [.blob([0x61]), "a\0b", .null])
        #expect(found.map(\.content) == ["5", .blob([]), .text([0xFF])])
    }

    @Test("a high row does not raise the ids above what clients can use")
    func highRow() async throws {
        try await served(["one"])
        let foreign = try directory.foreign()
        try foreign.execute("INSERT INTO messages (id, content) VALUES (\(StoredMessage.maxID + 1), 'x')")
        let source = try self.source()
        #expect((source.rowCount, source.assigned.highestReceived, source.assigned.highest) == (2, 1, 1))
    }

    @Test("a counter that another program has lowered does not lower the ids")
    func loweredCounter() async throws {
        try await served(["one", "two", "three"])
        try await served([], epoch: "epoch-2")
        try directory.foreign().execute("DELETE FROM messages; DELETE FROM sqlite_sequence")
        let source = try self.source()
        #expect((source.assigned.highestReceived, source.assigned.highest) == (0, 3))
    }

    @Test("a database that a server has open is refused, with its process")
    func runningServer() async throws {
        let store = try directory.store()
        let error = StoreError.lockedByAnotherWriter(path: directory.file() + ".lock", process: getpid())
        #expect(throws: error) { try source() }
        await store.close()
        _ = try source()
    }

    @Test("a program that has begun to write is found, with a write-ahead log and without", arguments: [true, false])
    func otherWriter(usesLog: Bool) throws {
        let foreign = try directory.foreign()
        if usesLog { try foreign.execute("PRAGMA journal_mode = WAL") }
        try foreign.execute(Tutorial.create)
        try foreign.execute("BEGIN IMMEDIATE")
        let error = #expect(throws: StoreError.self) { try source() }
        #expect(error?.cause == .busy)
        try foreign.execute("COMMIT")
        #expect(try source().rowCount == 0)
    }

    @Test("no program can commit while the source is open", arguments: [true, false])
    func noWriter(usesLog: Bool) throws {
        let foreign = try SQLiteConnection(path: directory.file(), mode: .readWrite, busyTimeout: .milliseconds(50))
        if usesLog { try foreign.execute("PRAGMA journal_mode = WAL") }
        try foreign.execute(Tutorial.create)
        var source: CopySource? = try self.source()
        let error = #expect(throws: StoreError.self) { try foreign.execute(Tutorial.insert("hi", "x-1")) }
        #expect(error?.cause == .busy && source?.rowCount == 0)
        source = nil
        try foreign.execute(Tutorial.insert("hi", "x-1"))
        #expect(try self.source().rowCount == 1)
    }

    @Test("rows in a log that was left behind are read, and neither file is changed")
    func log() throws {
        let foreign = try directory.foreign()
        try foreign.execute("PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0")
        try foreign.execute(Tutorial.create)
        try foreign.execute(Tutorial.insert("in the log", "x-1"))
        let (database, log) = (directory.contents(), directory.contents(of: "chat.db-wal"))
        let copy = try StoreDirectory()
        copy.write(database)
        copy.write(log, to: "chat.db-wal")
        let source = try CopySource(path: copy.file())
        #expect(try rows(of: source).map(\.content) == ["in the log"])
        #expect(copy.contents() == database && copy.contents(of: "chat.db-wal") == log)
        #expect(!copy.names.contains("chat.db.lock"))
    }

    @Test("what is no chat database is refused")
    func unsuitable() throws {
        #expect(throws: StoreError.cannotOpen(path: directory.file(), reason: "there is no database")) {
            try source()
        }
        #expect(directory.names.isEmpty)
        directory.write(Array("not a database, but long enough to look like one".utf8))
        #expect(throws: StoreError.notADatabase(path: directory.file())) { try source() }
        directory.write([])
        try directory.foreign().execute("CREATE TABLE other (id INTEGER)")
        #expect(throws: StoreError.unsuitableSchema(path: directory.file(), reason: "it has no table messages")) {
            try source()
        }
    }
}
