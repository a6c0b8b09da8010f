import CSQLite
import Synchronization
import Testing

@testable import Persistence

@Suite("Store: what it needs of the system comes from its machine")
struct StoreMachineTests {
    /// A clock that moves by pauses only.
    private final class StandingMachine: StoreMachine {
        let start = ContinuousClock.now
        let pauses = Mutex<[Duration]>([])
        let threads = Atomic(0)

        func makeExecutor(of connection: OpaquePointer, path: String) throws(StoreError) -> any StoreExecutor {
            threads.add(1, ordering: .relaxed)
            return try StoreThread(path: path)
        }

        var now: ContinuousClock.Instant { start + pauses.withLock { $0.reduce(.zero, +) } }

        func pause(for time: Duration) {
            pauses.withLock { $0.append(time) }
        }
    }

    @Test("a commit's outcome is looked for in ever longer pauses, until patience ends")
    func pauses() async throws {
        let directory = try StoreDirectory()
        let machine = StandingMachine()
        let store = try directory.store(
            options: .with {
                $0.machine = machine
                $0.uncertainCommitPatience = .seconds(5)
            })
        await store.replaceCommit { connection in
            _ = connection.commit()
            // Nothing can be read from here on.
            sqlite3_progress_handler(connection.handle, 1, { _ in 1 }, nil)
            return SQLITE_IOERR
        }
        let error = await #expect(throws: StoreError.self) { try await store.commit([MessageDraft("o-0", "a")]) }
        #expect(error?.endsStore == true)
        let milliseconds = machine.pauses.withLock { $0.map { Int($0 / .milliseconds(1)) } }
        #expect(milliseconds == [10, 20, 40, 80, 160, 320, 640, 1000, 1000, 1000, 1000])
    }

    @Test("each connection has an executor of its own")
    func executors() async throws {
        let directory = try StoreDirectory()
        let machine = StandingMachine()
        let store = try directory.store(options: .with { $0.machine = machine })
        #expect(machine.threads.load(ordering: .relaxed) == 2)
        _ = try SQLiteStore(path: SQLiteStore.memoryPath, epoch: "e", options: .with { $0.machine = machine })
        #expect(machine.threads.load(ordering: .relaxed) == 3)
        await store.close()
    }
}
