/// Reads pages of history on a connection and a thread of its own, beside the writer.
actor SQLiteReader {
    private let thread: StoreThread
    private var source: (connection: SQLiteConnection, rows: RowReader)?

    nonisolated var unownedExecutor: UnownedSerialExecutor {
        thread.asUnownedSerialExecutor()
    }

    /// - Parameter path: a database that a writer has brought up to date.
    init(path: String, busyTimeout: Duration) throws(StoreError) {
        let connection = try SQLiteConnection(path: path, mode: .readOnly, busyTimeout: busyTimeout)
        source = (connection, try RowReader(connection))
        thread = try StoreThread(path: path)
    }

    deinit {
        thread.stop()
    }

    func page(after id: Int64, through last: Int64, limit: PageLimit) throws(StoreError) -> Page {
        guard let source else { throw .closed }
        return try source.rows.page(after: id, through: last, limit: limit)
    }

    func page(before id: Int64, limit: PageLimit) throws(StoreError) -> Page {
        guard let source else { throw .closed }
        return try source.rows.page(before: id, limit: limit)
    }

    func start(ofLatest count: Int, through last: Int64) throws(StoreError) -> Int64 {
        guard let source else { throw .closed }
        return try source.rows.start(ofLatest: count, through: last)
    }

    func close() {
        source = nil
    }
}
