/// Chat messages in an SQLite file, compatible with the file of the Socket.IO tutorial for Node.
///
/// There is one writer on one thread, enforced by `WriterLock` and by the epoch that each start records. Pages are
/// read on a second connection and thread. A database in memory has a single connection, because a second one would
/// open another database.
public actor SQLiteStore: MessageStore {
    /// The path of a database in memory, which is deleted when the store is closed.
    public static let memoryPath = ":memory:"

    public nonisolated let opening: StoreOpening

    /// The absolute path of the database's file; ``memoryPath`` for a database in memory.
    public nonisolated let path: String

    /// The permission bits of the database's file; nil for a database in memory.
    public nonisolated let mode: Int?

    /// Without retention too, because messages may be deleted one by one.
    public nonisolated var needsPruning: Bool { true }

    private nonisolated let epochs: EpochHistory
    private nonisolated let reader: SQLiteReader?
    private nonisolated let executor: any StoreExecutor
    private var lock: WriterLock?

    /// Nil after ``close()``.
    var writer: SQLiteWriter?

    public nonisolated var unownedExecutor: UnownedSerialExecutor {
        executor.asUnownedSerialExecutor()
    }

    /// Opens a database for writing and records this start. Creates or migrates the database if necessary. Blocks the
    /// caller, at most for ``Options/busyTimeout`` if another program holds a lock.
    ///
    /// - Parameters:
    ///   - path: the file, or ``memoryPath``.
    ///   - epoch: a random name for this start, never used before.
    /// - Throws: ``StoreError``. A rejected file is not changed.
    public init(path: String, epoch: String, options: Options = Options()) throws(StoreError) {
        let isMemory = path == Self.memoryPath
        let connection =
            isMemory
            ? try SQLiteConnection(path: path, mode: .readWrite, busyTimeout: options.busyTimeout)
            : try Self.open(DatabaseFile(path: path), options)
        let permissions = isMemory ? nil : FilePermissions(path: connection.path)
        // The path as SQLite resolved it, so that paths through symbolic links share one lock.
        lock = isMemory ? nil : try WriterLock(path: connection.path + ".lock", like: permissions)
        let writer = try SQLiteWriter(connection, epoch: epoch, options: options)
        for suffix in ["-wal", "-shm"] { permissions?.apply(to: connection.path + suffix) }
        mode = permissions.map { Int($0.mode) }
        self.writer = writer
        self.path = connection.path
        opening = writer.opening
        epochs = writer.epochs
        reader = isMemory ? nil : try SQLiteReader(path: connection.path, options: options)
        executor = try options.machine.makeExecutor(of: connection.handle, path: connection.path)
    }

    /// Opens the file. An existing database is inspected before any file is created beside it.
    private static func open(_ file: DatabaseFile, _ options: Options) throws(StoreError) -> SQLiteConnection {
        try file.create()
        let connection = try SQLiteConnection(path: file.path, mode: .readWrite, busyTimeout: options.busyTimeout)
        if !file.isEmpty {
            do throws(StoreError) {
                _ = try Schema.inspect(connection)
            } catch {
                if case .newerSchema = error { connection.keepLog() }
                throw error
            }
        }
        return connection
    }

    deinit {
        executor.stop()
    }

    public nonisolated func rowLimit(ofEpoch epoch: String) -> Int64? {
        epochs.rowLimit(of: epoch)
    }

    public func commit(_ group: [MessageDraft]) throws(StoreError) -> GroupReport {
        guard let writer else { throw .closed }
        return try writer.commit(group)
    }

    public func poll() throws(StoreError) -> [StoredMessage] {
        guard let writer else { throw .closed }
        return try writer.poll()
    }

    // Asynchronous like the protocol's default implementation, which a call would prefer otherwise.
    public func prune() async throws(StoreError) -> Pruning {
        guard let writer else { throw .closed }
        return try writer.prune()
    }

    // Asynchronous for the same reason.
    public func delete(_ ids: [Int64]) async throws(StoreError) -> Deletion? {
        guard let writer else { throw .closed }
        return try writer.delete(ids)
    }

    public nonisolated func page(
        after id: Int64, through last: Int64, limit: PageLimit
    ) async throws(StoreError) -> HistoryPage {
        if let reader { return try await reader.page(after: id, through: last, limit: limit) }
        return try await readFromWriter { rows throws(StoreError) in
            try rows.page(after: id, through: last, limit: limit)
        }
    }

    public nonisolated func page(before id: Int64, limit: PageLimit) async throws(StoreError) -> HistoryPage {
        if let reader { return try await reader.page(before: id, limit: limit) }
        return try await readFromWriter { rows throws(StoreError) in try rows.page(before: id, limit: limit) }
    }

    public nonisolated func start(ofLatest count: Int, through last: Int64) async throws(StoreError) -> Int64 {
        if let reader { return try await reader.start(ofLatest: count, through: last) }
        return try await readFromWriter { rows throws(StoreError) in
            try rows.start(ofLatest: count, through: last)
        }
    }

    public func close() async {
        // Close the reader first. The last connection to close removes the write-ahead log, and only the writer can do
        // that.
        await reader?.close()
        writer = nil
        lock = nil
    }

    private func readFromWriter<Result: Sendable>(
        _ read: @Sendable (RowReader) throws(StoreError) -> Result
    ) throws(StoreError) -> Result {
        guard let writer else { throw .closed }
        return try read(writer.rows)
    }
}
