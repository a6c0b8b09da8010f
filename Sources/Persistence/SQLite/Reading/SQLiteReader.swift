import Glibc

/// Reads pages of history on its own connection and thread, in the writer's process or in another one.
public actor SQLiteReader: History {
    private nonisolated let executor: any StoreExecutor
    private var source: (connection: SQLiteConnection, rows: RowReader)?

    public nonisolated var unownedExecutor: UnownedSerialExecutor {
        executor.asUnownedSerialExecutor()
    }

    /// - Parameters:
    ///   - path: a database file whose schema a writer has brought up to date.
    ///   - busyTimeout: how long to wait for a lock of another connection.
    /// - Throws: ``StoreError/cannotOpen(path:reason:)``.
    public init(path: String, busyTimeout: Duration) throws(StoreError) {
        var options = SQLiteStore.Options()
        options.busyTimeout = busyTimeout
        try self.init(path: path, options: options)
    }

    /// - Parameter options: only the options for reading are used.
    package init(path: String, options: SQLiteStore.Options) throws(StoreError) {
        let connection = try SQLiteConnection(path: path, mode: .readOnly, busyTimeout: options.busyTimeout)
        try Self.checkFiles(of: connection.path)
        source = (connection, try RowReader(connection))
        executor = try options.machine.makeExecutor(of: connection.handle, path: path)
    }

    /// Checks that the files that the writer has open exist. SQLite would create a missing one again, which would hide
    /// the loss from the writer.
    private static func checkFiles(of path: String) throws(StoreError) {
        for file in [path + "-wal", path + "-shm"] where access(file, F_OK) != 0 {
            throw .cannotOpen(path: file, reason: systemMessage(errno))
        }
    }

    deinit {
        executor.stop()
    }

    public func page(after id: Int64, through last: Int64, limit: PageLimit) throws(StoreError) -> HistoryPage {
        guard let source else { throw .closed }
        return try source.rows.page(after: id, through: last, limit: limit)
    }

    public func page(before id: Int64, limit: PageLimit) throws(StoreError) -> HistoryPage {
        guard let source else { throw .closed }
        return try source.rows.page(before: id, limit: limit)
    }

    public func start(ofLatest count: Int, through last: Int64) throws(StoreError) -> Int64 {
        guard let source else { throw .closed }
        return try source.rows.start(ofLatest: count, through: last)
    }

    /// Releases the database. Later calls throw ``StoreError/closed``.
    public func close() {
        source = nil
    }
}
