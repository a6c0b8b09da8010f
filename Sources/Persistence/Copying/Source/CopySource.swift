import CSQLite

/// An SQLite database that is copied: opened for reading, in one read transaction, while no program writes to it. Used
/// by one thread at a time.
final class CopySource {
    private static let busyTimeout = Duration.seconds(2)

    /// The file's absolute path.
    let path: String
    /// The number of rows.
    let rowCount: Int64
    /// The highest id that a client may have received; see ``StoreOpening/highestAssignedID``.
    let highestID: Int64
    /// The starts of servers, in order.
    let starts: [SourceStart]

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
        let columns = ["created_at", "author"].enumerated().map { $0.offset < count ? $0.element : "NULL" }
        rows = try connection.prepare(
            "SELECT id, client_offset, content, \(columns.joined(separator: ", ")) FROM messages ORDER BY id")
        rowWithKey = try connection.prepare("SELECT 1 FROM messages WHERE client_offset = ?1")
        rowCount = try connection.firstInteger("SELECT count(*) FROM messages")
        starts = try Self.starts(of: connection)
        // As a new start determines it; see `SQLiteWriter`.
        let assigned =
            try SQLiteWriter.isCounterTooHigh(connection)
            ? starts.compactMap(\.highestID).max() ?? 0
            : try connection.firstInteger("SELECT seq FROM sqlite_sequence WHERE name = 'messages'")
        highestID = max(try SQLiteWriter.highestRowID(connection), assigned)
    }

    /// The highest id ever assigned, as far as any start has recorded it. A program may have lowered SQLite's counter.
    var highestAssignedID: Int64 {
        min(max(highestID, starts.compactMap(\.highestID).max() ?? 0), StoredMessage.maxID)
    }

    /// Returns the next row in the order of ids; nil at the end.
    func next() throws(StoreError) -> SourceRow? {
        guard try rows.step() else { return nil }
        return SourceRow(
            id: rows.integer(at: 0), clientOffset: rows.value(at: 1), content: rows.value(at: 2),
            createdAt: rows.value(at: 3), author: rows.value(at: 4))
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

    /// The recorded starts; none if no chatd has used the database.
    private static func starts(of connection: SQLiteConnection) throws(StoreError) -> [SourceStart] {
        let columns = try Schema.columns(of: "chatd_epochs", connection)
        guard !columns.isEmpty else { return [] }
        let highestID = columns.contains("highest_id") ? "highest_id" : "NULL"
        let select = try connection.prepare(
            "SELECT epoch, started_at, \(highestID) FROM chatd_epochs ORDER BY number")
        defer { select.reset() }
        var starts: [SourceStart] = []
        while try select.step() {
            let epoch = select.text(at: 0)
            // Epochs are hexadecimal digits. PostgreSQL cannot have one with U+0000, which no server has written.
            guard !epoch.contains(0) else { continue }
            starts.append(
                SourceStart(
                    epoch: epoch, startedAt: select.integer(at: 1),
                    highestID: select.isNull(at: 2) ? nil : select.integer(at: 2)))
        }
        return starts
    }
}
