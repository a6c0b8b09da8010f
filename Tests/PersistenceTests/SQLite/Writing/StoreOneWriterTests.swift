import Glibc
import Testing

@testable import Persistence

@Suite("Store: has only one writer")
struct StoreOneWriterTests {
    let directory: StoreDirectory

    init() throws {
        directory = try StoreDirectory()
    }

    @Test("a second store on the same file is rejected while the first is open")
    func second() async throws {
        let first = try directory.store("epoch-1")
        #expect(throws: StoreError.lockedByAnotherWriter(path: directory.file("chat.db.lock"), process: getpid())) {
            try directory.store("epoch-2")
        }
        #expect(try await first.commit([.init(nil, "still here")]).shortOutcomes == [.stored(id: 1)])
        await first.close()
        let second = try directory.store("epoch-2")
        #expect(second.rowLimit(ofEpoch: "epoch-3") == nil)
    }

    @Test("the lock ends with its store, even if the store was not closed")
    func released() async throws {
        do { _ = try directory.store("epoch-1") }
        _ = try directory.store("epoch-2")
    }

    @Test("a path through a symbolic link uses the same lock")
    func symbolicLink() throws {
        let first = try directory.store("epoch-1")
        symlink(directory.file(), directory.file("link.db"))
        #expect(throws: StoreError.lockedByAnotherWriter(path: directory.file("chat.db.lock"), process: getpid())) {
            try SQLiteStore(path: directory.file("link.db"), epoch: "epoch-2")
        }
        #expect(first.rowLimit(ofEpoch: "epoch-1") == .max)
    }

    @Test("child processes do not inherit the lock")
    func closeOnExec() throws {
        let store = try directory.store()
        let lock = directory.file("chat.db.lock")
        var found = 0
        var target = [CChar](repeating: 0, count: 4096)
        // Check every descriptor, because other tests of this process may have many open.
        for descriptor in StoreDirectory.names(in: "/proc/self/fd").compactMap({ Int32($0) }) {
            let count = readlink("/proc/self/fd/\(descriptor)", &target, target.count)
            let name = String(decoding: target.prefix(max(count, 0)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
            guard name == lock else { continue }
            found += 1
            #expect(fcntl(descriptor, F_GETFD) & FD_CLOEXEC != 0)
        }
        #expect(found == 1)
        #expect(store.opening.epochNumber == 1)
    }

    @Test("after a later start took over the database, the earlier store never writes again")
    func superseded() async throws {
        let first = try directory.store("epoch-1")
        _ = try await first.commit([.init(nil, "a")])
        unlink(directory.file("chat.db.lock"))
        let second = try directory.store("epoch-2")

        let superseded = StoreError.superseded(path: directory.file())
        await #expect(throws: superseded) { try await first.commit([.init(nil, "b")]) }
        await #expect(throws: superseded) { try await first.poll() }
        #expect(try await second.allTexts() == ["a"])
        #expect(try await second.commit([.init(nil, "c")]).shortOutcomes == [.stored(id: 2)])

        await second.close()
        try directory.foreign().execute("DELETE FROM chatd_epochs WHERE epoch = 'epoch-2'")
        await #expect(throws: superseded) { try await first.commit([.init(nil, "d")]) }
    }

    @Test("a poll detects a takeover too")
    func supersededWhileIdle() async throws {
        let first = try directory.store("epoch-1")
        unlink(directory.file("chat.db.lock"))
        let second = try directory.store("epoch-2")
        await #expect(throws: StoreError.superseded(path: directory.file())) { try await first.poll() }
        #expect(second.opening.epochNumber == 2)
    }

    @Test("a file with a second name is rejected, because each name would have its own write-ahead log")
    func hardLink() async throws {
        let first = try directory.store()
        link(directory.file(), directory.file("hard.db"))
        for name in ["chat.db", "hard.db"] {
            #expect {
                try SQLiteStore(path: directory.file(name), epoch: "epoch-2")
            } throws: {
                if case .cannotOpen? = $0 as? StoreError { true } else { false }
            }
        }
        _ = try await first.commit([.init(nil, "a")])
    }

    @Test("after the file is deleted, moved or replaced, no further message is acknowledged", arguments: 0..<3)
    func fileGone(how: Int) async throws {
        let store = try directory.store()
        _ = try await store.commit([.init("o", "a")])
        switch how {
        case 0: unlink(directory.file())
        case 1: rename(directory.file(), directory.file("moved.db"))
        default:
            unlink(directory.file())
            try directory.foreign().execute("CREATE TABLE t (a)")
        }
        let gone = StoreError.fileGone(path: directory.file())
        await #expect(throws: gone) { try await store.commit([.init("o", "a")]) }
        await #expect(throws: gone) { try await store.poll() }
    }
}
