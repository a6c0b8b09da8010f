import Glibc
import Testing

@testable import Persistence

@Suite("Backup: one state of a database, whatever is written meanwhile")
struct BackupTests {
    let directory: StoreDirectory

    init() throws {
        directory = try StoreDirectory()
    }

    /// A database of several steps, in the mode of a server.
    private func fill(_ count: Int = 8000) throws -> SQLiteConnection {
        let connection = try directory.foreign()
        try connection.execute("PRAGMA journal_mode = WAL; " + Tutorial.create)
        try connection.execute(
            """
            WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < \(count))
            INSERT INTO messages (content) SELECT hex(randomblob(500)) FROM n
            """)
        return connection
    }

    private func backUp(replaces: Bool = false, report: (Int64, Int64) -> Void = { _, _ in }) throws
        -> DatabaseBackup.Report
    {
        try DatabaseBackup.run(
            from: directory.file(), to: directory.file("copy.db"), replaces: replaces, report: report)
    }

    private func copy() throws -> SQLiteConnection {
        try SQLiteConnection(path: directory.file("copy.db"), mode: .readOnly, busyTimeout: .zero)
    }

    @Test("what other programs commit between the steps is not in the copy")
    func consistent() throws {
        let writer = try fill()
        var steps = 0
        let report = try backUp { done, total in
            steps += 1
            #expect(done <= total)
            try? writer.execute(
                "UPDATE messages SET content = 'changed'; INSERT INTO messages (content) VALUES ('later')")
        }
        #expect(steps > 3)
        #expect((report.rowCount, report.highestID) == (8000, 8000))
        #expect(try copy().firstInteger("SELECT count(*) FROM messages WHERE length(content) = 1000") == 8000)
        #expect(try writer.firstInteger("SELECT count(*) FROM messages") == 8000 + Int64(steps))
    }

    @Test("the copy is one file for its owner only, without a write-ahead log")
    func oneFile() throws {
        _ = try fill()
        let report = try backUp()
        #expect(directory.names.filter { $0.hasPrefix("copy") } == ["copy.db"])
        #expect(Int64(directory.contents(of: "copy.db").count) == report.size)
        #expect(try copy().firstText("PRAGMA journal_mode") == "delete")
        var status = stat()
        #expect(stat(directory.file("copy.db"), &status) == 0 && status.st_mode & 0o777 == 0o600)
    }

    @Test("a database that nobody uses has no new files beside it afterwards")
    func noFilesBeside() throws {
        do { _ = try fill() }
        #expect(directory.names == ["chat.db"])
        _ = try backUp()
        #expect(directory.names == ["chat.db", "copy.db"])
    }

    @Test("an existing file is replaced only if that is wanted")
    func existing() throws {
        _ = try fill(10)
        directory.write(Array("precious".utf8), to: "copy.db")
        let refusal = MaintenanceError.file(
            path: directory.file("copy.db"), reason: "it exists; --replace replaces it")
        #expect(throws: refusal) { try backUp() }
        #expect(directory.contents(of: "copy.db") == Array("precious".utf8))
        #expect(try backUp(replaces: true).rowCount == 10)
    }

    @Test("what an interrupted backup has left is overwritten")
    func leftover() throws {
        _ = try fill(10)
        for suffix in ["", "-wal", "-journal"] {
            directory.write(Array("left".utf8), to: "copy.db.partial\(suffix)")
        }
        #expect(try backUp().rowCount == 10)
        #expect(directory.names.filter { $0.contains("partial") }.isEmpty)
    }

    @Test("two backups to the same file do not meet")
    func twoAtOnce() throws {
        _ = try fill(10)
        let other = try PartialFile(for: directory.file("copy.db"), replaces: false)
        let refusal = MaintenanceError.file(path: other.path, reason: "another process writes to it")
        #expect(throws: refusal) { try backUp() }
        withExtendedLifetime(other) {}
    }

    @Test("the database itself, a missing one and a missing directory are refused")
    func refused() throws {
        _ = try fill(10)
        #expect(throws: MaintenanceError.self) {
            try DatabaseBackup.run(from: directory.file(), to: directory.file(), replaces: true) { _, _ in }
        }
        #expect(throws: MaintenanceError.self) {
            try DatabaseBackup.run(from: directory.file("no.db"), to: directory.file("x"), replaces: true) { _, _ in }
        }
        #expect(throws: MaintenanceError.self) {
            try DatabaseBackup.run(from: directory.file(), to: directory.file("no/x"), replaces: true) { _, _ in }
        }
        #expect(directory.names.filter { !$0.hasPrefix("chat.db") }.isEmpty)
    }

    @Test("a damaged database gives no copy")
    func damaged() throws {
        do { _ = try fill() }
        var bytes = directory.contents()
        for index in 40_960..<61_440 { bytes[index] = 0xA5 }
        directory.write(bytes)
        #expect(throws: MaintenanceError.self) { try backUp() }
        #expect(directory.names == ["chat.db"])
    }
}
