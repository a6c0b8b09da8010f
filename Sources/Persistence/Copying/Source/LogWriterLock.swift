import CSQLite

/// The lock of a write-ahead log's writers, shared by a connection for reading, so that no program can write.
struct LogWriterLock: ~Copyable {
    private let connection: SQLiteConnection

    /// - Parameter connection: a connection that has read from the database.
    /// - Throws: ``StoreError/failed(code:message:path:)`` if a program is writing.
    init(_ connection: SQLiteConnection) throws(StoreError) {
        let code = csqlite_lock_writers(connection.handle, 1)
        guard code == SQLITE_OK else {
            throw .failed(code: code, message: "its writers cannot be locked out", path: connection.path)
        }
        self.connection = connection
    }

    deinit {
        // Connections of one process share their locks, so closing this one would not release it.
        _ = csqlite_lock_writers(connection.handle, 0)
    }
}
