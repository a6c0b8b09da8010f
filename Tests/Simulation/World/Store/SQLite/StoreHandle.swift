import CStoreFaults

/// SQLite's handle of a connection of the server, which closes it at a time of its own choice, often in the middle of
/// a step.
final class StoreHandle {
    /// Valid while ``isOpen`` is true.
    let pointer: OpaquePointer
    /// True until SQLite releases the connection.
    private(set) var isOpen = true

    /// Starts to watch an open connection.
    init(_ pointer: OpaquePointer) {
        self.pointer = pointer
        // SQLite has no hook for the end of a connection, but it destroys the connection's functions then
        // (sqlite.org/c3ref/create_function.html).
        let code = sqlite3_create_function_v2(
            pointer, "chatd_simulation", 0, SQLITE_UTF8, Unmanaged.passRetained(self).toOpaque(), { _, _, _ in }, nil,
            nil,
            { context in
                guard let context else { return }
                Unmanaged<StoreHandle>.fromOpaque(context).takeRetainedValue().isOpen = false
            })
        precondition(code == SQLITE_OK, "cannot watch a database connection")
    }
}
