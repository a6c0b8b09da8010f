import CSQLite

/// An SQLite database that is copied: opened for reading, in one read transaction, while no program writes to it. Used
/// by one thread at a time.
final class CopySource {
    private static let busyTimeout = Duration.seconds(2)

    /// The file's absolute path.
    let path: String
    /// The number of rows.
    let rowCount: Int64
    /// The ids that it has assigned.
    let assigned: AssignedIDs

    private let connection: SQLiteConnection
    private let lock: SourceLock
    /// Nil without a write-ahead log.
    private let logLock: LogWriterLock?
    private let rows: SQLiteStatement
    private let rowWithKey: SQLiteStatement

    /// Opens the database and reads all but its rows.
    /// - Throws: ``StoreError``; ``StoreError/lockedByAnotherWriter(path:process:)`` if a server writes to it.
    init(path: String) throws(StoreError) {
        let file = try DatabaseFile(path: path)
        guard !file.isEmpty else { throw .cannotOpen(path: file.path, reason: "there is no database") }
        connection = try SQLiteConnection(path: file.path, mode: .readOnly, busyTimeout: Self.busyTimeout)
        self.path = connection.path
        // The path as SQLite resolved it, like that of the writer's lock.
        lock = try SourceLock(path: connection.path + ".lock")
        let condition = try Schema.inspect(connection)
        // The lock comes before the transaction, so that no commit is missed between the two.
        logLock = try connection.firstText("PRAGMA journal_mode") == "wal" ? LogWriterLock(connection) : nil
        try Self.begin(connection)
        guard case .hasAdditions(let count) = condition else {
            throw .unsuitableSchema(path: connection.path, reason: "it has no table messages")
        }
        rows = try connection.prepare("SELECT \(Schema.columnList(additions: count)) FROM messages ORDER BY id")
        rowWithKey = try connection.prepare("SELECT 1 FROM messages WHERE client_offset = ?1")
        rowCount = try connection.firstInteger("SELECT count(*) FROM messages")
        assigned = try AssignedIDs(of: connection)
    }

    /// Returns the next row in the order of ids; nil at the end.
    func next() throws(StoreError) -> SourceRow? {
        try rows.step() ? SourceRow(rows) : nil
    }

    /// True if a row has this key.
    func hasRow(key: [UInt8]) throws(StoreError) -> Bool {
        try rowWithKey.withText(key, at: 1) { () throws(StoreError) in try rowWithKey.step() }
    }

    /// Begins the transaction. Without a write-ahead log, no program can commit while it reads.
    /// - Throws: ``StoreError/failed(code:message:path:)`` if another program has begun to write.
    private static func begin(_ connection: SQLiteConnection) throws(StoreError) {
        try connection.execute("BEGIN")
        _ = try connection.firstInteger("SELECT count(*) FROM sqlite_schema")
        let code = csqlite_find_writer(connection.handle)
        guard code == SQLITE_OK else {
            throw .failed(code: code, message: "a program may be writing to it", path: connection.path)
        }
    }
}
