import Glibc

/// The system's services that a store needs besides SQLite: threads, time and pauses. A simulation replaces
/// ``LinuxStoreMachine``.
package protocol StoreMachine: Sendable {
    /// Makes the executor that runs the work of one connection.
    ///
    /// - Parameters:
    ///   - connection: SQLite's handle, set up and valid until the store or reader is closed.
    ///   - path: the database's absolute path.
    /// - Throws: ``StoreError/cannotOpen(path:reason:)`` if no thread can be started.
    func makeExecutor(of connection: OpaquePointer, path: String) throws(StoreError) -> any StoreExecutor

    var now: ContinuousClock.Instant { get }

    /// Blocks the calling thread.
    func pause(for time: Duration)
}

/// Runs the jobs of one store or reader in order.
package protocol StoreExecutor: SerialExecutor {
    /// Ends the executor after the queued jobs. To be called when no actor can enqueue jobs any more.
    func stop()
}

/// The machine of the product: a thread for each connection, and the system's clock.
struct LinuxStoreMachine: StoreMachine {
    func makeExecutor(of connection: OpaquePointer, path: String) throws(StoreError) -> any StoreExecutor {
        try StoreThread(path: path)
    }

    var now: ContinuousClock.Instant { .now }

    func pause(for time: Duration) {
        usleep(useconds_t(clamping: Int(time / .microseconds(1))))
    }
}
