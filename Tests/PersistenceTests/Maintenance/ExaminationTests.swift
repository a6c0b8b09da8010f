import Glibc
import Testing

@testable import Persistence

@Suite("Examination of a database: findings, and no change")
struct ExaminationTests {
    let directory: StoreDirectory

    init() throws {
        directory = try StoreDirectory()
    }

    private func findings(completely: Bool = false) -> [Finding] {
        DatabaseExamination(path: directory.file(), completely: completely).run()
    }

    /// The texts of the findings of a level.
    private func texts(_ level: Finding.Level) -> [String] {
        findings().filter { $0.level == level }.map(\.text)
    }

    @Test("a healthy database has no problem, and nothing is changed", arguments: [true, false])
    func healthy(completely: Bool) async throws {
        let store = try directory.store()
        _ = try await store.commit([.init(nil, "a"), .init(nil, "b")])
        await store.close()
        let (names, bytes) = (directory.names, directory.contents())
        let found = findings(completely: completely)
        #expect(found.allSatisfy { $0.level == .ok || $0.text.contains("are free") })
        for text in [
            "no server uses it", "no damage", "messages: 2; highest id assigned: 2", "oldest message: id 1 of",
        ] {
            #expect(found.contains { $0.text.contains(text) }, "\(text)")
        }
        #expect(directory.names == names && directory.contents() == bytes)
    }

    @Test("a database in use names its server")
    func served() async throws {
        let store = try directory.store()
        #expect(texts(.ok).contains("a server (process \(getpid())) uses it"))
        await store.close()
    }

    @Test("a missing, a foreign, a damaged, a newer and a half imported database are problems")
    func problems() async throws {
        #expect(texts(.problem).count == 2)
        directory.write(Array(repeating: 1, count: 4096))
        #expect(texts(.problem).contains { $0.contains("not an SQLite database") || $0.contains("not a database") })
        unlink(directory.file())

        let store = try directory.store()
        _ = try await store.commit((0..<500).map { .init(nil, "\($0)" + String(repeating: "x", count: 100)) })
        await store.close()
        let healthy = directory.contents()
        var damaged = healthy
        for index in healthy.count - 8192..<healthy.count { damaged[index] = 0x55 }
        directory.write(damaged)
        #expect(texts(.problem).contains { $0.contains("damaged") })

        directory.write(healthy)
        try directory.foreign().execute("UPDATE chatd_schema SET version = 99")
        #expect(texts(.problem).contains { $0.contains("newer chatd") })

        directory.write(healthy)
        try directory.foreign().execute("CREATE TABLE chatd_importing (started INTEGER)")
        #expect(texts(.problem).contains { $0.contains("an import has not ended") })
    }

    @Test("what interrupted commands have left, and permissions, are warnings")
    func warnings() async throws {
        try await directory.store().close()
        for name in ["copy.db.partial", "chat.db.saved-3", "chat.db.before-restore-1"] {
            directory.write([1], to: name)
        }
        #expect(texts(.warning).count == 3)
        chmod(directory.file(), 0o644)
        #expect(texts(.warning).contains { $0.contains("every user") })
        #expect(texts(.warning).contains { $0.contains("chat.db.lock") })
    }

    @Test("the log of a killed server is a warning")
    func log() async throws {
        let store = try directory.store()
        _ = try await store.commit([.init(nil, "a")])
        for suffix in ["", "-wal"] {
            directory.write(directory.contents(of: "chat.db\(suffix)"), to: "left.db\(suffix)")
        }
        chmod(directory.file("left.db"), 0o600)
        let found = DatabaseExamination(path: directory.file("left.db"), completely: false).run()
        #expect(found.contains { $0.level == .warning && $0.text.contains("was killed") })
        await store.close()
    }

    @Test("a log that has grown beyond what a server leaves is a warning that names the cause")
    func largeLog() async throws {
        try await directory.store().close()
        directory.write([], to: "chat.db-wal")
        for (size, isLarge) in [(Int64(128) << 20, false), (129 << 20, true)] {
            #expect(truncate(directory.file("chat.db-wal"), Int(size)) == 0)
            let found = texts(.warning).filter { $0.contains("the write-ahead log has") }
            #expect(found.contains { $0.contains("a program has kept a transaction open") } == isLarge)
        }
    }

    @Test("many free pages are a warning with the command that gives them back", arguments: [40_000_000, 70_000_000])
    func freePages(size: Int) async throws {
        try await directory.store().close()
        try directory.foreign().execute(
            "CREATE TABLE large AS SELECT zeroblob(\(size)) AS content; DROP TABLE large")
        let found = texts(.warning).filter { $0.contains("are free") }
        #expect(found.contains { $0.contains("sqlite3 \(directory.file()) VACUUM to give") } == (size > 64 << 20))
    }

    @Test(
        "a file system on which two machines may write at once is a problem, and FUSE a warning",
        arguments: [
            (UInt32(0x6969), Finding.Level.problem, "data is on NFS, where two servers may write at once"),
            (0xFF53_4D42, .problem, "data is on CIFS, where two servers may write at once"),
            (0x6573_5546, .warning, "data is on FUSE; check that its locks and its sync work"),
        ])
    func fileSystem(type: UInt32, level: Finding.Level, text: String) {
        let findings = FileSystem(directory: "data", type: type, free: nil).findings
        #expect(findings.count == 1 && findings.allSatisfy { $0.level == level && $0.text.hasPrefix(text) })
        // ext4
        #expect(FileSystem(directory: "data", type: 0xEF53, free: nil).findings.isEmpty)
    }

    @Test(
        "little free space is a warning, and very little a problem",
        arguments: [
            (Int64(16 << 20) - 1, Finding.Level.problem), (16 << 20, .warning), ((256 << 20) - 1, .warning),
            (256 << 20, .ok),
        ])
    func freeSpace(free: Int64, level: Finding.Level) {
        #expect(FileSystem(directory: "data", type: 0xEF53, free: free).findings.map(\.level) == [level])
    }
}
