import Testing

@testable import Persistence

@Suite("Store: the version of the tables")
struct SchemaVersionTests {
    let directory: StoreDirectory

    init() throws {
        directory = try StoreDirectory()
    }

    private func recorded() throws -> Int64? {
        try SchemaVersion.recorded(in: directory.foreign())
    }

    @Test("a new database and an upgraded one record the version")
    func recordedVersion() async throws {
        try directory.foreign().execute(Tutorial.create)
        #expect(try recorded() == nil)
        for epoch in ["epoch-1", "epoch-2"] {
            let store = try directory.store(epoch)
            #expect(try recorded() == SchemaVersion.current)
            await store.close()
        }
    }

    @Test("a number that another program keeps in the file for itself is left as it is")
    func otherProgram() async throws {
        try directory.foreign().execute(Tutorial.create + "PRAGMA user_version = 77; PRAGMA application_id = 78")
        let store = try directory.store()
        await store.close()
        #expect(try directory.foreign().firstInteger("PRAGMA user_version") == 77)
        #expect(try directory.foreign().firstInteger("PRAGMA application_id") == 78)
    }

    @Test("a newer database is refused and not changed, whatever its tables are")
    func newer() async throws {
        try await directory.store().close()
        let version = SchemaVersion.current + 1
        try directory.foreign().execute(
            "UPDATE chatd_schema SET version = \(version); ALTER TABLE messages RENAME COLUMN author TO sender")
        let before = directory.contents()
        let refusal = StoreError.newerSchema(
            path: directory.file(), version: version, known: SchemaVersion.current)
        #expect(throws: refusal) { try directory.store("epoch-2") }
        #expect(throws: MaintenanceError.store(refusal)) { try ExportSource(path: directory.file()) }
        #expect(throws: MaintenanceError.store(refusal)) { try ImportTarget(path: directory.file()) }
        #expect(throws: refusal) { try CopySource(path: directory.file()) }
        #expect(directory.contents() == before)
        #expect("\(refusal)".contains("was written by a newer chatd: its tables have version \(version)"))
    }

    @Test("a newer database keeps the log that a killed server has left")
    func newerWithLog() async throws {
        try await directory.store().close()
        let writer = try directory.foreign()
        try writer.execute("PRAGMA journal_mode = WAL; UPDATE chatd_schema SET version = 1000")
        // A copy of the files is what a killed server leaves.
        for suffix in ["", "-wal"] {
            directory.write(directory.contents(of: "chat.db\(suffix)"), to: "left.db\(suffix)")
        }
        let before = ["", "-wal"].map { directory.contents(of: "left.db\($0)") }
        #expect(!before[1].isEmpty)
        #expect(throws: StoreError.self) { try SQLiteStore(path: directory.file("left.db"), epoch: "epoch-2") }
        #expect(["", "-wal"].map { directory.contents(of: "left.db\($0)") } == before)
    }

    @Test("a table of another program with the same name is refused")
    func foreignTable() throws {
        try directory.foreign().execute("CREATE TABLE chatd_schema (name TEXT)")
        #expect(throws: StoreError.self) { try directory.store() }
    }
}
