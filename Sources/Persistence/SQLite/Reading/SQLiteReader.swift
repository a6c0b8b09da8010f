import Glibc

/// Reads pages of history on a connection and a thread of its own, beside the writer: in its process or in another one.
public actor SQLiteReader: History {
    private nonisolated let executor: any StoreExecutor
    private var source: (connection: SQLiteConnection, rows: RowReader)?

    public nonisolated var unownedExecutor: UnownedSerialExecutor {
        executor.asUnownedSerialExecutor()
    }

    /// - Parameters:
    ///   - path: a database file that a writer has brought up to date.
    ///   - busyTimeout: how long a lock of somebody else is waited for.
    /// - Throws: ``StoreError/cannotOpen(path:reason:)``.
    public init(path: String, busyTimeout: Duration) throws(StoreError) {
        var options = SQLiteStore.Options()
        options.busyTimeout = busyTimeout
        try self.init(path: path, options: options)
    }

    /// - Parameter options: of which those count that concern reading.
    package init(path: String, options: SQLiteStore.Options) throws(StoreError) {
        let connection = try SQLiteConnection(path: path, mode: .readOnly, busyTimeout: options.busyTimeout)
        try Self.checkFiles(of: connection.path)
        source = (connection, try RowReader(connection))
        executor = try options.machine.makeExecutor(of: connection.handle, path: path)
    }

    /// The writer has them open. Where one is missing, SQLite would make a new one and hide the loss from the writer.
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

    /// Releases the database. Calls that come later throw ``StoreError/closed``.
    public func close() {
        source = nil
    }
}
