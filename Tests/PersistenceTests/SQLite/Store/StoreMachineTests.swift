import CSQLite
import Synchronization
import Testing

@testable import Persistence

@Suite("Store: uses the clock and threads of its machine")
struct StoreMachineTests {
    /// A machine whose clock advances only by pauses.
    private final class ManualMachine: StoreMachine {
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

    @Test("reading back after an uncertain commit is retried with growing pauses, until the limit")
    func pauses() async throws {
        let directory = try StoreDirectory()
        let machine = ManualMachine()
        let store = try directory.store(
            options: .with {
                $0.machine = machine
                $0.uncertainCommitPatience = .seconds(5)
            })
        await store.replaceCommit { connection in
            _ = connection.commit()
            // All later reads fail.
            sqlite3_progress_handler(connection.handle, 1, { _ in 1 }, nil)
            return SQLITE_IOERR
        }
        let error = await #expect(throws: StoreError.self) { try await store.commit([MessageDraft("o-0", "a")]) }
        #expect(error?.endsStore == true)
        let milliseconds = machine.pauses.withLock { $0.map { Int($0 / .milliseconds(1)) } }
        #expect(milliseconds == [10, 20, 40, 80, 160, 320, 640, 1000, 1000, 1000, 1000])
    }

    @Test("each connection has its own executor")
    func executors() async throws {
        let directory = try StoreDirectory()
        let machine = ManualMachine()
        let store = try directory.store(options: .with { $0.machine = machine })
        #expect(machine.threads.load(ordering: .relaxed) == 2)
        _ = try SQLiteStore(path: SQLiteStore.memoryPath, epoch: "e", options: .with { $0.machine = machine })
        #expect(machine.threads.load(ordering: .relaxed) == 3)
        await store.close()
    }
}
