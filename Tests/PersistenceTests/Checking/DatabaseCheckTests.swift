import Foundation
import TestSupport
import Testing

@testable import Persistence

@Suite("Database check: an SQLite file, which is not changed")
struct DatabaseCheckTests {
    private let directory: TemporaryDirectory
    private var path: String { directory.path + "/chat.db" }

    init() throws {
        directory = try TemporaryDirectory(["text": "not a database, but long enough to have a header of SQLite's size"]
        )
    }

    /// The names and contents of all files.
    private var files: [String: Data] {
        get throws {
            var files: [String: Data] = [:]
            for name in try FileManager.default.contentsOfDirectory(atPath: directory.path) where name != "text" {
                files[name] = try Data(contentsOf: URL(filePath: directory.path + "/" + name))
            }
            return files
        }
    }

    @Test("a missing file will be created, if its directory exists")
    func missing() throws {
        let check = DatabaseCheck(sqlite: path)
        #expect(check.problems.isEmpty && check.notes == ["\(path) does not exist and will be created"])
        #expect(try files.isEmpty)
        #expect(DatabaseCheck(sqlite: directory.path + "/none/chat.db").problems.count == 1)
        #expect(DatabaseCheck(sqlite: directory.path).problems.count == 1)
    }

    @Test("a file that is not a database is refused")
    func text() {
        #expect(DatabaseCheck(sqlite: directory.path + "/text").problems.count == 1)
    }

    @Test("a database that no server uses is suitable, and stays as it is")
    func closed() async throws {
        try await SQLiteStore(path: path, epoch: "a").close()
        let before = try files
        #expect(DatabaseCheck(sqlite: path) == DatabaseCheck(sqlite: path))
        #expect(DatabaseCheck(sqlite: path).problems.isEmpty && DatabaseCheck(sqlite: path).notes.isEmpty)
        #expect(try files == before)
    }

    @Test("a running server is a note, not a problem")
    func running() async throws {
        let store = try SQLiteStore(path: path, epoch: "a")
        let before = try files.keys
        let check = DatabaseCheck(sqlite: path)
        #expect(check.problems.isEmpty && check.notes.count == 1)
        #expect(check.notes.first?.contains("a running chatd (process \(getpid())) serves") == true)
        #expect(try files.keys == before)
        await store.close()
    }

    @Test("a database with other tables is unsuitable")
    func otherTables() throws {
        let connection = try SQLiteConnection(path: path, mode: .readWrite, busyTimeout: .seconds(1))
        try connection.execute("CREATE TABLE messages (text TEXT)")
        let check = DatabaseCheck(sqlite: path)
        #expect(check.problems.count == 1 && check.problems.first?.contains("messages has the columns") == true)
    }

    @Test("a database of the tutorial will be extended")
    func tutorial() throws {
        let connection = try SQLiteConnection(path: path, mode: .readWrite, busyTimeout: .seconds(1))
        try connection.execute(
            "CREATE TABLE messages (id INTEGER PRIMARY KEY AUTOINCREMENT, client_offset TEXT UNIQUE, content TEXT)")
        #expect(DatabaseCheck(sqlite: path).notes.count == 1 && DatabaseCheck(sqlite: path).problems.isEmpty)
    }

    @Test("a database in memory is suitable")
    func memory() {
        #expect(DatabaseCheck(sqlite: ":memory:").problems.isEmpty)
    }

    @Test("the check knows the version of the tables in PostgreSQL")
    func schemaVersion() {
        let schema = String(decoding: PackageResources.schema_sql, as: UTF8.self)
        #expect(schema.contains("this_version constant integer := \(DatabaseCheck.schemaVersion);"))
    }
}
