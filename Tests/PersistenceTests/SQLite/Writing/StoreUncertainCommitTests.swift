import CSQLite
import Synchronization
import Testing

@testable import Persistence

@Suite("Store: handles a COMMIT that reports an error")
struct StoreUncertainCommitTests {
    let directory: StoreDirectory
    let store: SQLiteStore
    let group: [MessageDraft] = [.init("o-0", "a"), .init(nil, "b"), .init("o-0", "c"), .init("o-0", "a")]

    init() throws {
        directory = try StoreDirectory()
        store = try directory.store(options: .with { $0.uncertainCommitPatience = .milliseconds(200) })
    }

    @Test("a COMMIT that leaves the transaction open has failed")
    func refused() async throws {
        await store.replaceCommit { _ in SQLITE_BUSY }
        await #expect { try await store.commit(group) } throws: { ($0 as? StoreError)?.cause == .busy }
        try await expectUsable()
    }

    @Test("a COMMIT that reports an error but stored the rows has succeeded")
    func stored() async throws {
        await store.replaceCommit { connection in
            _ = connection.commit()
            return SQLITE_IOERR
        }
        let report = try await store.commit(group)
        #expect(report.shortOutcomes == [.stored(id: 1), .stored(id: 2), .stored(id: 4), .repeated(id: 1)])
        #expect(try await store.allTexts() == ["a", "b", "c"])
        #expect(try await store.poll() == [])
        // A group of repeats only has no rows to read back; their first copies were committed before.
        #expect(try await store.commit([.init("o-0", "c")]).shortOutcomes == [.repeated(id: 4)])
    }

    @Test("a COMMIT that rolled the transaction back has failed")
    func rolledBack() async throws {
        await store.replaceCommit { connection in
            connection.rollback()
            return SQLITE_IOERR
        }
        await #expect { try await store.commit(group) } throws: { ($0 as? StoreError)?.cause == .io }
        try await expectUsable()
    }

    @Test("a COMMIT has failed even if another program's row got the id afterwards")
    func idGivenToAnother() async throws {
        let path = directory.file()
        await store.replaceCommit { connection in
            connection.rollback()
            let foreign = try? SQLiteConnection(path: path, mode: .readWrite, busyTimeout: .zero)
            try? foreign?.execute(Tutorial.insert("a", "another offset"))
            return SQLITE_IOERR
        }
        await #expect { try await store.commit([.init("o-0", "a")]) } throws: { ($0 as? StoreError)?.cause == .io }
        await store.replaceCommit { $0.commit() }
        let foreign = StoredMessage(id: 1, content: [0x61], storedAt: 0, clientOffset: Array("another offset".utf8))
        #expect(try await store.poll() == [foreign])
    }

    @Test("reading the rows back is retried if it fails at first", arguments: [true, false])
    func readingFailsAtFirst(commits: Bool) async throws {
        let faults = ReadFaults(count: 2)
        await store.replaceCommit { connection in
            if commits { _ = connection.commit() } else { connection.rollback() }
            faults.install(in: connection)
            return SQLITE_IOERR
        }
        if commits {
            #expect(try await store.commit(group).outcomes.count == 4)
        } else {
            await #expect { try await store.commit(group) } throws: { ($0 as? StoreError)?.cause == .io }
        }
        #expect(faults.remaining.load(ordering: .relaxed) <= 0)
    }

    @Test("the store ends if reading the rows back keeps failing until the time limit")
    func unknown() async throws {
        let faults = ReadFaults(count: .max)
        await store.replaceCommit { connection in
            _ = connection.commit()
            faults.install(in: connection)
            return SQLITE_IOERR
        }
        let error = await #expect(throws: StoreError.self) { try await store.commit(group) }
        guard let error, case .outcomeUnknown = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        await #expect(throws: error) { try await store.commit([.init(nil, "later")]) }
        await #expect(throws: error) { try await store.poll() }
    }

    @Test("the store ends if only a part of the group is stored")
    func partlyThere() async throws {
        await store.replaceCommit { connection in
            _ = connection.commit()
            try? connection.execute("DELETE FROM messages WHERE id = 1")
            return SQLITE_IOERR
        }
        let error = await #expect(throws: StoreError.self) { try await store.commit(group) }
        guard case .outcomeUnknown = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    /// Expects that nothing is stored and that the same group can be stored now.
    private func expectUsable() async throws {
        #expect(try await store.allTexts() == [])
        await store.replaceCommit { $0.commit() }
        #expect(try await store.poll() == [])
        #expect(try await store.commit(group).outcomes.count == 4)
        #expect(try await store.allTexts() == ["a", "b", "c"])
    }
}

/// Makes statements of a connection fail with SQLITE_INTERRUPT, the given number of times.
private final class ReadFaults: Sendable {
    let remaining: Atomic<Int>

    init(count: Int) {
        remaining = Atomic(count)
    }

    func install(in connection: SQLiteConnection) {
        let context = Unmanaged.passUnretained(self).toOpaque()
        sqlite3_progress_handler(
            connection.handle, 1,
            { context in
                guard let context else { return 0 }
                let faults = Unmanaged<ReadFaults>.fromOpaque(context).takeUnretainedValue()
                return faults.remaining.subtract(1, ordering: .relaxed).oldValue > 0 ? 1 : 0
            }, context)
    }
}
