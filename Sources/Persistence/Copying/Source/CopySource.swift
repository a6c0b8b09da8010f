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
    /// Nil if the database has no tombstones.
    private let tombstoneWithKey: SQLiteStatement?
    private let tombstones: TombstoneReader
    /// True if messages were deleted, so that the first key of a message may be free although it has the second one.
    let hasDeleted: Bool

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
        tombstones = try TombstoneReader(connection)
        hasDeleted = try tombstones.through() != nil
        tombstoneWithKey =
            hasDeleted ? try connection.prepare("SELECT 1 FROM chatd_deleted WHERE client_offset = ?1") : nil
    }

    /// Returns the next row in the order of ids; nil at the end.
    func next() throws(StoreError) -> SourceRow? {
        try rows.step() ? SourceRow(rows) : nil
    }

    /// Returns what is left of further deleted messages; an empty array at the end.
    func nextDeleted() throws(StoreError) -> [SourceTombstone] { try tombstones.next() }

    /// True if a row or a tombstone has this key.
    func has(key: [UInt8]) throws(StoreError) -> Bool {
        for statement in [rowWithKey, tombstoneWithKey].compactMap({ $0 }) {
            if try statement.withText(key, at: 1, { () throws(StoreError) in try statement.step() }) { return true }
        }
        return false
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
