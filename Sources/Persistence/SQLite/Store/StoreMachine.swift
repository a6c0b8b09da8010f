import Glibc

/// What a store needs of the system beside SQLite: threads, the time, and to wait. A simulation puts its own in the place of
/// ``LinuxStoreMachine``.
package protocol StoreMachine: Sendable {
    /// What runs the work of one connection.
    ///
    /// - Parameters:
    ///   - connection: SQLite's handle, set up and valid until the store or reader is closed.
    ///   - path: the database's full name.
    /// - Throws: ``StoreError/cannotOpen(path:reason:)`` when there is none to be had.
    func makeExecutor(of connection: OpaquePointer, path: String) throws(StoreError) -> any StoreExecutor

    var now: ContinuousClock.Instant { get }

    /// Blocks the calling thread.
    func pause(for time: Duration)
}

/// Runs the jobs of one store or reader in order.
package protocol StoreExecutor: SerialExecutor {
    /// Ends after the jobs already queued. To be called when no actor can enqueue any more.
    func stop()
}

/// A thread for each connection, and the system's clock.
struct LinuxStoreMachine: StoreMachine {
    func makeExecutor(of connection: OpaquePointer, path: String) throws(StoreError) -> any StoreExecutor {
        try StoreThread(path: path)
    }

    var now: ContinuousClock.Instant { .now }

    func pause(for time: Duration) {
        usleep(useconds_t(clamping: Int(time / .microseconds(1))))
    }
}
