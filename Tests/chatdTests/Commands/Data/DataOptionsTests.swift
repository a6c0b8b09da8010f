import Testing

@testable import chatd

@Suite("Commands on a database: their options")
struct DataOptionsTests {
    @Test("a backup needs a file, and takes the server's variable for the database")
    func backup() throws {
        let options = try BackupOptions(["--to", "b.db", "--replace"], environment: ["CHATD_DB": "other.db"])
        #expect((options.source, options.target, options.replaces) == ("other.db", "b.db", true))
        #expect(try BackupOptions(["--to=b.db"], environment: [:]).replaces == false)
    }

    @Test(
        "a wrong option of a backup is an error that says what to do",
        arguments: [
            ([], "--to is needed: chatd backup --db FILE --to FILE"),
            (["--to", "-"], "chatd export writes to standard output"),
            (["--db", "postgres://u@h/d", "--to", "b"], "use pg_dump for PostgreSQL"),
            (["--db", ":memory:", "--to", "b"], "--db: a database in memory has no file"),
            (["--to", "b", "--replace=yes"], "option --replace has no value"),
            (["--to", "b", "--replace", "yes"], "unexpected argument \"yes\""),
        ] as [([String], String)])
    func wrongBackup(arguments: [String], text: String) {
        #expect {
            try BackupOptions(arguments, environment: [:])
        } throws: { "\($0)".contains(text) }
    }

    @Test("a restore names both files")
    func restore() throws {
        let options = try RestoreOptions(["--from", "b.db"], environment: [:])
        #expect((options.backup, options.database) == ("b.db", "chat.db"))
        #expect(throws: UsageError.self) { try RestoreOptions([], environment: [:]) }
        #expect(throws: UsageError.self) {
            try RestoreOptions(["--from", "b", "--db", "postgresql://u@h/d"], environment: [:])
        }
    }

    @Test("an export goes to standard output and an import comes from standard input by default")
    func exchange() throws {
        let export = try ExportOptions(["--db", "postgres://u@h/d"], environment: [:])
        #expect(export.target == nil && export.database == .postgres(url: "postgres://u@h/d"))
        #expect(try ExportOptions(["--to", "e"], environment: [:]).target == "e")
        #expect(throws: UsageError.self) { try ExportOptions(["--replace"], environment: [:]) }
        let options = try ImportOptions(["--from", "-"], environment: [:])
        #expect(options.source == nil && options.database == .sqlite(path: "chat.db"))
        #expect(throws: UsageError.self) { try ImportOptions(["--db", ":memory:"], environment: [:]) }
    }

    @Test("a doctor looks at everything only if that is wanted")
    func doctor() throws {
        #expect(try DoctorOptions(["--db", "a.db"], environment: [:]).isFull == false)
        #expect(try DoctorOptions(["--full"], environment: [:]).isFull)
    }
}
