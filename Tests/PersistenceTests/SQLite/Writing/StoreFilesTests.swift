import Glibc
import Testing

@testable import Persistence

@Suite("Store: detects damage to the files beside the database")
struct StoreFilesTests {
    let directory: StoreDirectory

    init() throws {
        directory = try StoreDirectory()
    }

    /// Damage to a file while it is in use.
    enum Damage: CaseIterable {
        case deleted, replaced, truncated

        var fault: StoreError.FileFault {
            switch self {
            case .deleted: .deleted
            case .replaced: .replaced
            case .truncated: .truncated
            }
        }
    }

    private func apply(_ damage: Damage, _ path: String) {
        switch damage {
        case .deleted: unlink(path)
        case .replaced:
            rename(path, path + ".old")
            directory.write([], to: String(path.split(separator: "/").last ?? ""))
        case .truncated: truncate(path, 4096)
        }
    }

    private func texts(in name: String) async throws -> [String] {
        let store = try SQLiteStore(path: directory.file(name), epoch: "epoch-after")
        defer { unlink(directory.file(name)) }
        let texts = try await store.allTexts()
        await store.close()
        return texts
    }

    @Test(
        "after the log is deleted, replaced or truncated, no further message is acknowledged",
        arguments: Damage.allCases,
        [true, false])
    func log(damage: Damage, isIdle: Bool) async throws {
        let store = try directory.store()
        for text in ["a", "b", "c"] { _ = try await store.commit([.init(nil, text)]) }
        apply(damage, directory.file("chat.db-wal"))
        let error = await #expect(throws: StoreError.self) {
            _ = isIdle ? try await store.poll().count : try await store.commit([.init(nil, "d")]).outcomes.count
        }
        guard let error, case .fileFault(directory.file("chat.db-wal"), damage.fault, let saved) = error else {
            Issue.record("expected a file fault of the log")
            return
        }
        #expect(error.endsStore)
        await #expect(throws: error) { try await store.commit([.init(nil, "e")]) }
        await #expect(throws: error) { try await store.poll() }

        switch damage {
        case .deleted:
            #expect(saved == directory.file(), "the database alone has every acknowledged message")
            directory.write(directory.contents(), to: "after.db")
            #expect(try await texts(in: "after.db") == ["a", "b", "c"])
        case .replaced:
            #expect(saved == directory.file("chat.db.saved-1"))
            #expect(FilePermissions(path: directory.file("chat.db.saved-1"))?.mode == 0o600)
            #expect(try await texts(in: "chat.db.saved-1") == ["a", "b", "c"])
        case .truncated:
            #expect(saved == nil)
        }
    }

    @Test(
        "after the log's index is deleted or replaced, no further message is acknowledged, and the log is complete",
        arguments: [Damage.deleted, .replaced])
    func index(damage: Damage) async throws {
        let store = try directory.store()
        _ = try await store.commit([.init(nil, "a")])
        apply(damage, directory.file("chat.db-shm"))
        let error = StoreError.fileFault(
            path: directory.file("chat.db-shm"), damage.fault, savedIn: directory.file())
        await #expect(throws: error) { try await store.commit([.init(nil, "b")]) }
        directory.write(directory.contents(), to: "after.db")
        directory.write(directory.contents(of: "chat.db-wal"), to: "after.db-wal")
        #expect(try await texts(in: "after.db") == ["a"])
    }

    /// What happens to the files while a transaction is committed, and the error that reports it.
    enum Loss: CaseIterable {
        case logDeleted, logReplaced, databaseTruncated

        func apply(_ database: String) {
            switch self {
            case .logDeleted: unlink(database + "-wal")
            case .logReplaced:
                unlink(database + "-wal")
                close(creat(database + "-wal", 0o600))
            case .databaseTruncated: truncate(database, 0)
            }
        }

        func error(_ database: String) -> StoreError {
            switch self {
            case .logDeleted: .fileFault(path: database + "-wal", .deleted, savedIn: database)
            case .logReplaced: .fileFault(path: database + "-wal", .replaced, savedIn: database + ".saved-1")
            case .databaseTruncated: .fileFault(path: database, .truncated, savedIn: database + ".saved-1")
            }
        }
    }

    @Test(
        "a commit during which a file is lost acknowledges nothing, and names the file with the saved messages",
        arguments: Loss.allCases)
    func duringCommit(loss: Loss) async throws {
        let store = try directory.store()
        _ = try await store.commit([.init(nil, "a")])
        let path = directory.file()
        await store.replaceCommit { connection in
            let code = connection.commit()
            loss.apply(path)
            return code
        }
        await #expect(throws: loss.error(path)) { try await store.commit([.init(nil, "b")]) }
        await #expect(throws: loss.error(path)) { try await store.poll() }
        if loss != .logDeleted { #expect(try await texts(in: "chat.db.saved-1") == ["a", "b"]) }
    }

    @Test("a log that another program's checkpoint has emptied is not a fault")
    func emptied() async throws {
        let store = try directory.store()
        let other = try directory.foreign()
        for number in 1...20 {
            _ = try await store.commit([.init(nil, "\(number)")])
            #expect(try other.firstInteger("PRAGMA wal_checkpoint(TRUNCATE)") == 0)
            #expect(directory.contents(of: "chat.db-wal").isEmpty)
            #expect(try await store.poll() == [])
        }
        #expect(try await store.allRows().count == 20)
    }

    @Test("another program can open and close the database without a fault")
    func otherProgram() async throws {
        let store = try directory.store()
        for number in 1...5 {
            do { try directory.foreign().execute(Tutorial.create + Tutorial.insert("their \(number)", "t-\(number)")) }
            _ = try await store.commit([.init(nil, "our \(number)")])
        }
        #expect(try await store.allRows().count == 10)
    }

    @Test("the store works over several checkpoints, with any page size", arguments: [512, 4096, 65_536])
    func restarted(pageSize: Int) async throws {
        do { try directory.foreign().execute("PRAGMA page_size = \(pageSize); " + Tutorial.create) }
        let store = try directory.store()
        let text = String(repeating: "x", count: 60_000)
        for number in 1...6 {
            _ = try await store.commit((0..<100).map { .init("\(number)-\($0)", text) })
        }
        #expect(try await store.poll() == [])
        apply(.truncated, directory.file("chat.db-wal"))
        await #expect(throws: StoreError.self) { try await store.poll() }
    }

    @Test("a database in memory has no files to check")
    func memory() async throws {
        let store = try SQLiteStore(path: SQLiteStore.memoryPath, epoch: "e")
        #expect(try await store.commit([.init(nil, "a")]).outcomes.count == 1)
        #expect(try await store.poll() == [])
    }
}

@Suite("Store: the permissions of the files")
struct StorePermissionTests {
    let directory: StoreDirectory

    init() throws {
        directory = try StoreDirectory()
    }

    private func modes(_ names: [String]) -> [mode_t?] {
        names.map { FilePermissions(path: directory.file($0))?.mode }
    }

    private static let all = ["chat.db", "chat.db-wal", "chat.db-shm", "chat.db.lock"]

    @Test("a new database and the files beside it are accessible to their owner only")
    func new() throws {
        let store = try directory.store()
        #expect(modes(Self.all) == [0o600, 0o600, 0o600, 0o600])
        #expect(store.mode == 0o600 && store.path == directory.file())
    }

    @Test(
        "the files beside a database get its permissions, even if they existed before",
        arguments: [0o600, 0o640, 0o666] as [mode_t])
    func existing(mode: mode_t) throws {
        do { try directory.foreign().execute(Tutorial.create) }
        directory.write([], to: "chat.db.lock")
        chmod(directory.file("chat.db.lock"), 0o644)
        chmod(directory.file(), mode)
        let store = try directory.store()
        #expect(modes(Self.all) == [mode, mode, mode, mode])
        #expect(store.mode == Int(mode))
    }

    @Test("a symbolic link to a missing file creates that file")
    func link() throws {
        symlink(directory.file("real.db"), directory.file())
        let store = try directory.store()
        #expect(directory.names == ["chat.db", "real.db", "real.db-shm", "real.db-wal", "real.db.lock"])
        #expect(modes(["real.db"]) == [0o600])
        #expect(store.path == directory.file("real.db"))
    }

    @Test("no file is created beside a file that is rejected")
    func nothingBeside() throws {
        let others = [
            "root:x:0:0::/root:/bin/sh\n" + String(repeating: "text ", count: 1000), "x",
        ]
        for text in others {
            directory.write(Array(text.utf8))
            #expect(throws: StoreError.self) { try directory.store() }
            #expect(directory.names == ["chat.db"])
        }
        unlink(directory.file())
        do { try directory.foreign().execute("PRAGMA journal_mode = WAL; CREATE TABLE messages (a)") }
        #expect(throws: StoreError.self) { try directory.store() }
        #expect(directory.names == ["chat.db"])
        unlink(directory.file())
        #expect(throws: StoreError.self) { try SQLiteStore(path: directory.path, epoch: "e") }
        #expect(throws: StoreError.self) { try SQLiteStore(path: directory.file("none/chat.db"), epoch: "e") }
        #expect(directory.names == [])
    }

    @Test(
        "an error names the absolute path and the reason",
        arguments: [
            ("/tmp", "cannot open /tmp: it is a directory; name a file in it"),
            ("/nonexistent/chat.db", "cannot open /nonexistent/chat.db: there is no directory /nonexistent"),
            ("/dev/null", "cannot open /dev/null: it is not a file"),
            ("nonexistent/x.db", "cannot open DIRECTORY/nonexistent/x.db: there is no directory DIRECTORY/nonexistent"),
            (
                "./nonexistent/x.db",
                "cannot open DIRECTORY/nonexistent/x.db: there is no directory DIRECTORY/nonexistent"
            ),
        ])
    func errors(path: String, text: String) throws {
        let here = try #require(getcwd(nil, 0))
        defer { free(here) }
        let expected = text.split(separator: "DIRECTORY", omittingEmptySubsequences: false)
            .joined(separator: String(cString: here))
        let error = #expect(throws: StoreError.self) { try SQLiteStore(path: path, epoch: "e") }
        #expect(error.map { "\($0)" } == expected)
    }

    @Test("the error for a held lock names the process, if it exists", arguments: [true, false])
    func lockHolder(exists: Bool) throws {
        let store = try directory.store()
        if !exists { directory.write(Array("99999999\n".utf8), to: "chat.db.lock") }
        #expect(
            throws: StoreError.lockedByAnotherWriter(
                path: directory.file("chat.db.lock"), process: exists ? getpid() : nil)
        ) { try directory.store("epoch-2") }
        #expect(store.opening.epochNumber == 1)
    }
}
