import CStoreFaults
import Persistence
import SimulatedMachine

/// A real SQLite store, or a worker's reader, whose jobs run as steps of the world.
///
/// Safety of `@unchecked Sendable`: a simulation has one thread.
final class SQLiteClient: DatabaseClient, StoreMachine, @unchecked Sendable {
    private unowned let world: World
    private unowned let database: SQLiteDatabase
    /// The write connection and its executor, then the read connection and its executor.
    private var writer: (executor: SteppedExecutor, handle: StoreHandle)?
    private var reader: (executor: SteppedExecutor, handle: StoreHandle)?
    private var faults: StoreFaults?
    /// The epoch number of the start; nil for a reader.
    var start: Int64?
    /// Closes the store or the reader.
    var close: (@Sendable () async -> Void)?

    init(_ database: SQLiteDatabase, in world: World) {
        self.database = database
        self.world = world
    }

    // MARK: StoreMachine

    func makeExecutor(of connection: OpaquePointer, path: String) -> any StoreExecutor {
        let executor = SteppedExecutor(world.kernel)
        storefaults_keep_log(connection)
        if sqlite3_db_readonly(connection, "main") == 1 {
            reader = (executor, StoreHandle(connection))
        } else {
            let handle = StoreHandle(connection)
            writer = (executor, handle)
            faults = StoreFaults(handle, hasLog: database.survivesRestart)
            sqlite3_busy_handler(
                connection,
                { context, _ in
                    guard let context else { return 0 }
                    return Unmanaged<SQLiteClient>.fromOpaque(context).takeUnretainedValue().waitForLock() ? 1 : 0
                }, Unmanaged.passUnretained(self).toOpaque())
        }
        return executor
    }

    var now: ContinuousClock.Instant { world.kernel.now }

    /// Advances the clock instead of blocking. Another program may write meanwhile.
    func pause(for time: Duration) {
        world.kernel.advance(by: time)
        if world.injectsFault(perMille: 300) { database.writeForeignRows(1, isShort: true) }
    }

    /// Handles a lock that another program holds.
    /// - Returns: true if the program has released the lock and SQLite should retry.
    private func waitForLock() -> Bool {
        world.record.note(.databaseBusy)
        guard world.kernel.choices.chance(perMille: 500) else { return false }
        database.endForeignTransaction()
        return true
    }

    /// The store's write connection.
    var writingHandle: StoreHandle? { writer?.handle }

    // MARK: Steps

    var hasWork: Bool { writer?.executor.hasWork == true || reader?.executor.hasWork == true }

    func step() {
        if let writer, writer.executor.hasWork,
            reader?.executor.hasWork != true || world.kernel.choices.chance(perMille: 600)
        {
            write(writer.executor)
        } else if let reader {
            read(reader)
        }
    }

    private func write(_ executor: SteppedExecutor) {
        guard let faults else { return }
        let isSuperseded = database.newestStart != start
        database.clearAdded()
        if world.injectsFault(perMille: 120) { faults.arm(&world.kernel.choices) }
        executor.step()
        let (hasFailed, concernsCommit) = (faults.hasHappened, faults.concernsCommit)
        // Disarm before the checks, which may read through the same connection.
        faults.disarm()
        database.readCommitted()
        let added = database.added
        if !added.isEmpty {
            world.record.note(.groupCommitted)
            world.record.require(
                !isSuperseded, .singleWriter, "start \(start ?? 0) writes rows \(added.map(\.id)) after a later start")
        }
        if hasFailed {
            let step: Step = concernsCommit ? .unknownCommitAbsent : .groupRolledBack
            world.record.note(added.isEmpty ? step : .unknownCommitStored)
        }
    }

    private func read(_ reader: (executor: SteppedExecutor, handle: StoreHandle)) {
        guard world.injectsFault(perMille: 50), reader.handle.isOpen else { return reader.executor.step() }
        sqlite3_progress_handler(reader.handle.pointer, 1, { _ in 1 }, nil)
        reader.executor.step()
        // The step may have closed the connection.
        guard reader.handle.isOpen else { return }
        sqlite3_progress_handler(reader.handle.pointer, 0, nil, nil)
    }

    func end() {
        writer?.executor.end()
        reader?.executor.end()
        if let close {
            // The task finishes before its initializer returns, because the executors no longer defer jobs.
            Task(executorPreference: ImmediateExecutor()) { await close() }
        }
        writer?.executor.finish()
        reader?.executor.finish()
        close = nil
        if start != nil { database.serverEnded() }
    }
}
