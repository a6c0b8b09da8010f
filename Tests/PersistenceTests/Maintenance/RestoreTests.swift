import Glibc
import Testing

@testable import Persistence

@Suite("Restore: a backup in the place of a database, with ids that are never assigned again")
struct RestoreTests {
    let directory: StoreDirectory

    init() throws {
        directory = try StoreDirectory()
    }

    private func restore() throws -> DatabaseRestore.Report {
        try DatabaseRestore.run(from: directory.file("backup.db"), to: directory.file(), at: 0) { _, _ in }
    }

    private func backUp() throws {
        _ = try DatabaseBackup.run(
            from: directory.file(), to: directory.file("backup.db"), replaces: true
        ) { _, _ in }
    }

    private func store(_ texts: [String], _ epoch: String) async throws {
        let store = try directory.store(epoch)
        _ = try await store.commit(texts.map { .init(nil, $0) })
        await store.close()
    }

    private let aside = "chat.db.before-restore-19700101T000000Z"

    @Test("ids continue above the lost messages, and every epoch stays trusted as far as before")
    func continues() async throws {
        try await store(["a", "b"], "epoch-1")
        try backUp()
        try await store(["c"], "epoch-2")
        try await store(["d", "e"], "epoch-3")

        let report = try restore()
        #expect((report.rowCount, report.highestID, report.assignedID) == (2, 2, 5))
        #expect(report.previous == directory.file(aside) && !report.isPreviousUnreadable)

        let store = try directory.store("epoch-4")
        #expect(store.opening == StoreOpening(highestRowID: 2, highestAssignedID: 5, epochNumber: 4))
        let limits = (1...4).map { store.rowLimit(ofEpoch: "epoch-\($0)") }
        #expect(limits == [2, 3, 5, .max])
        #expect(try await store.commit([.init(nil, "new")]).shortOutcomes == [.stored(id: 6)])
        #expect(try await store.allTexts() == ["a", "b", "new"])
        await store.close()

        // The replaced database is complete.
        let replaced = try SQLiteStore(path: directory.file(aside), epoch: "epoch-5")
        #expect(try await replaced.allTexts() == ["a", "b", "c", "d", "e"])
        await replaced.close()
    }

    private func restore(_ name: String, at time: Int) throws {
        _ = try DatabaseRestore.run(from: directory.file(name), to: directory.file(), at: time) { _, _ in }
    }

    private func limits(_ epochs: ClosedRange<Int>, of store: SQLiteStore) -> [Int64?] {
        epochs.map { store.rowLimit(ofEpoch: "epoch-\($0)") }
    }

    @Test("if a restore is undone, offsets of the time between count only up to the message at which the files part")
    func undone() async throws {
        try await store(["a", "b"], "epoch-1")
        try backUp()
        try await store(["c", "d"], "epoch-2")
        _ = try restore()
        // Ids 5 and 6. A client that connects first now sees a, b, e and f, and neither c nor d.
        try await store(["e", "f"], "epoch-3")
        try restore(aside, at: 1)
        let undone = try directory.store("epoch-4")
        #expect(undone.opening.highestAssignedID == 6)
        #expect(try await undone.allTexts() == ["a", "b", "c", "d"])
        #expect(limits(1...3, of: undone) == [2, 4, 2])
        _ = try await undone.commit([.init(nil, "g")])
        await undone.close()

        // Back again: clients of epoch 4 have seen c, d and g, and neither e nor f. Those of epoch 3 have e and f.
        try restore("chat.db.before-restore-19700101T000001Z", at: 2)
        let again = try directory.store("epoch-5")
        #expect(try await again.allTexts() == ["a", "b", "e", "f"])
        #expect(limits(1...4, of: again) == [2, 4, 6, 2])
        await again.close()

        // The first backup again: what it has, everybody has seen.
        try restore("backup.db", at: 3)
        let first = try directory.store("epoch-6")
        #expect(try await first.allTexts() == ["a", "b"])
        #expect(limits(1...5, of: first) == [2, 4, 6, 2, 7])
        await first.close()
        let lines = try ExportSource(path: directory.file()).starts
        #expect(lines.map(\.rowLimit) == [nil, nil, nil, 2, nil, nil])
    }

    @Test("messages that an operator has deleted since the backup are no fork, nor are those that retention has")
    func deleted() async throws {
        try await store(["a", "b", "c"], "epoch-1")
        try backUp()
        try await store(["d"], "epoch-2")
        try directory.foreign().execute("DELETE FROM messages WHERE id = 2")
        _ = try restore()
        let restored = try directory.store("epoch-3")
        #expect(limits(1...2, of: restored) == [3, 4])
        await restored.close()
        try directory.foreign().execute(
            "DELETE FROM messages; INSERT INTO chatd_pruned (through) VALUES (3)")
        try restore("backup.db", at: 1)
        let again = try directory.store("epoch-4")
        #expect(limits(1...3, of: again) == [3, 4, 4])
        await again.close()
    }

    @Test("without the replaced database, ids continue far above those of the backup")
    func withoutPrevious() async throws {
        try await store(["a", "b"], "epoch-1")
        try backUp()
        unlink(directory.file())
        let report = try restore()
        #expect(report.previous == nil && report.assignedID == 2 + IDContinuation.margin)
        let store = try directory.store("epoch-2")
        #expect(try await store.commit([.init(nil, "c")]).shortOutcomes == [.stored(id: 3 + IDContinuation.margin)])
        #expect(store.rowLimit(ofEpoch: "epoch-1") == 2 + IDContinuation.margin)
        await store.close()
    }

    @Test("a damaged database is kept too, with its log")
    func damagedPrevious() async throws {
        try await store(["a"], "epoch-1")
        try backUp()
        directory.write(Array(repeating: 7, count: 8192))
        directory.write(Array("log".utf8), to: "chat.db-wal")
        let report = try restore()
        #expect(report.isPreviousUnreadable && report.assignedID == 1 + IDContinuation.margin)
        #expect(directory.contents(of: aside) == Array(repeating: 7, count: 8192))
        #expect(directory.contents(of: aside + "-wal") == Array("log".utf8))
        #expect(try await directory.store("epoch-2").allTexts() == ["a"])
    }

    @Test("the epochs of an unrelated database are not taken over")
    func unrelated() async throws {
        try await store(["a"], "epoch-1")
        try backUp()
        for suffix in ["", ".lock"] { unlink(directory.file("chat.db" + suffix)) }
        try await store(["x", "y", "z"], "other-1")
        #expect(try restore().assignedID == 3)
        let store = try directory.store("epoch-2")
        #expect(store.rowLimit(ofEpoch: "other-1") == nil)
        await store.close()
    }

    @Test("close to the highest possible id, ids are not wasted")
    func highIDs() async throws {
        try await store(["a"], "epoch-1")
        try directory.foreign().execute("UPDATE sqlite_sequence SET seq = \(StoredMessage.maxID - 10)")
        try backUp()
        unlink(directory.file())
        #expect(try restore().assignedID == StoredMessage.maxID - 10)
    }

    @Test("a server that runs, and a program that has the database open, are not disturbed")
    func inUse() async throws {
        try await store(["a"], "epoch-1")
        try backUp()
        let server = try directory.store("epoch-2")
        #expect(throws: MaintenanceError.self) { try restore() }
        #expect(try await server.commit([.init(nil, "b")]).shortOutcomes == [.stored(id: 2)])
        await server.close()

        let program = try directory.foreign()
        #expect(try program.firstInteger("SELECT count(*) FROM messages") == 2)
        #expect(throws: MaintenanceError.self) { try restore() }
        try program.execute("INSERT INTO messages (content) VALUES ('c')")
        #expect(try program.firstInteger("SELECT count(*) FROM messages") == 3)
        #expect(!directory.names.contains { $0.contains("restore") || $0.contains("partial") })
    }

    @Test("a damaged backup changes nothing")
    func damagedBackup() async throws {
        try await store((0..<300).map { "\($0)" + String(repeating: "x", count: 200) }, "epoch-1")
        try backUp()
        var bytes = directory.contents(of: "backup.db")
        for index in bytes.count / 2..<bytes.count / 2 + 8192 { bytes[index] = 0x5A }
        directory.write(bytes, to: "backup.db")
        let before = directory.contents()
        #expect(throws: MaintenanceError.self) { try restore() }
        #expect(directory.contents() == before)
        #expect(directory.names == ["backup.db", "chat.db", "chat.db.lock"])
    }

    @Test("a restore that was interrupted after it gave the old database a second name is repeated")
    func interrupted() async throws {
        try await store(["a"], "epoch-1")
        try backUp()
        try await store(["b"], "epoch-2")
        link(directory.file(), directory.file(aside))
        // In between, no server may write to the database.
        #expect(throws: StoreError.self) { try directory.store("epoch-3") }
        #expect(try restore().assignedID == 2)
        #expect(directory.names == ["backup.db", "chat.db", aside, "chat.db.lock"])
        #expect(try await directory.store("epoch-3").allTexts() == ["a"])
    }

    @Test("a database of the tutorial is restored and upgraded")
    func tutorial() async throws {
        try SQLiteConnection(path: directory.file("backup.db"), mode: .readWrite, busyTimeout: .zero)
            .execute(Tutorial.create + Tutorial.insert("one", "a-0"))
        #expect(try restore().rowCount == 1)
        let store = try directory.store()
        #expect(try await store.commit([.init("a-0", "one")]).shortOutcomes == [.repeated(id: 1)])
        await store.close()
    }

    @Test("the restored database has the permissions of the replaced one")
    func permissions() async throws {
        try await store(["a"], "epoch-1")
        try backUp()
        chmod(directory.file(), 0o640)
        _ = try restore()
        var status = stat()
        #expect(stat(directory.file(), &status) == 0 && status.st_mode & 0o777 == 0o640)
    }
}
