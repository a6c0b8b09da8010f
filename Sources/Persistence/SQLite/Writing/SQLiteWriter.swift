/// The one connection that writes: what it has reported, and the statements it needs. Used by one thread at a time.
///
/// Rows of other programs are noticed by `PRAGMA data_version`, which moves when *another* connection has committed.
/// What has been read of them counts as reported only when the call returns it: a group that fails forgets them, and
/// they are found again by the next call.
final class SQLiteWriter {
    let connection: SQLiteConnection
    let options: SQLiteStore.Options
    let opening: StoreOpening

    /// The starts that this database has recorded, this one included.
    let epochs: EpochHistory

    let rows: RowReader
    let statements: WriterStatements

    /// The highest row id reported, or present at the start.
    var watermark: Int64

    /// The data version up to which the rows of other programs have been reported.
    var reportedVersion: Int64

    /// Whether another program has committed since the counter of AUTOINCREMENT was last known to be high enough.
    var doubtsIDCounter = false

    /// Whether this writer gives the ids itself, because SQLite's own counter is beyond those that clients can be told.
    var countsIDs: Bool

    /// The files that go with the database's; nil for one in memory.
    var files: WriteAheadFiles?

    /// Why this writer must not be used any more.
    var lasting: StoreError?

    /// Runs COMMIT and returns SQLite's code. Replaced by tests, which make it fail in all its ways.
    var runCommit: (SQLiteConnection) -> Int32 = { $0.commit() }

    /// The insert that every suitable table accepts; see ``Schema``.
    static let tutorialUpsert = """
        INSERT INTO messages (client_offset, content) VALUES (?1, ?2) ON CONFLICT (client_offset) DO NOTHING
        """

    /// Brings the database up to date and records the epoch, in one transaction, so that no row of a former writer
    /// can come between the first watermark and the moment from which that writer is superseded.
    init(_ connection: SQLiteConnection, epoch: String, options: SQLiteStore.Options) throws(StoreError) {
        self.connection = connection
        self.options = options
        // Before anything is changed, so that a stranger's file stays as it is.
        _ = try Schema.inspect(connection)
        try Self.configure(connection, options)
        try connection.execute("BEGIN IMMEDIATE")
        do throws(StoreError) {
            try Schema.migrate(connection)
            rows = try RowReader(connection)
            statements = try WriterStatements(connection)
            let highest = try Self.highestRowID(connection)
            countsIDs = try Self.isCounterTooHigh(connection)
            // A counter that is too high says nothing, but each start has recorded what was assigned before it.
            let assigned = try connection.firstInteger(
                countsIDs
                    ? "SELECT max(highest_id) FROM chatd_epochs"
                    : "SELECT seq FROM sqlite_sequence WHERE name = 'messages'")
            let number = try Self.record(
                epoch, startedAt: options.wallClock(), highestID: max(highest, assigned), connection)
            opening = StoreOpening(
                highestRowID: highest, highestAssignedID: max(highest, assigned), epochNumber: number)
            epochs = try Self.recordedEpochs(connection)
            watermark = highest
            reportedVersion = try statements.dataVersion.onlyInteger()
            try connection.execute("COMMIT")
        } catch {
            connection.rollback()
            throw error
        }
        files = connection.path == SQLiteStore.memoryPath ? nil : try WriteAheadFiles(of: connection.path)
    }

    private static func configure(
        _ connection: SQLiteConnection, _ options: SQLiteStore.Options
    ) throws(StoreError) {
        let mode = try connection.firstText("PRAGMA journal_mode = WAL")
        guard mode == "wal" || connection.path == SQLiteStore.memoryPath else {
            throw .cannotOpen(path: connection.path, reason: "no write-ahead log is possible there")
        }
        // The log is copied back after 16 MiB of it, and cut when something has kept it from that for long.
        try connection.execute(
            """
            PRAGMA synchronous = \(options.synchronous.rawValue);
            PRAGMA wal_autocheckpoint = 4000;
            PRAGMA journal_size_limit = 67108864;
            """)
    }

    private static func record(
        _ epoch: String, startedAt: Int64, highestID: Int64, _ connection: SQLiteConnection
    ) throws(StoreError) -> Int64 {
        let insert = try connection.prepare(
            "INSERT INTO chatd_epochs (epoch, started_at, highest_id) VALUES (?1, ?2, ?3)")
        try insert.bind(startedAt, at: 2)
        try insert.bind(highestID, at: 3)
        _ = try insert.withText(Array(epoch.utf8), at: 1) { () throws(StoreError) in try insert.step() }
        return connection.lastInsertedID
    }

    private static func recordedEpochs(_ connection: SQLiteConnection) throws(StoreError) -> EpochHistory {
        let select = try connection.prepare("SELECT epoch, highest_id FROM chatd_epochs ORDER BY number")
        var starts: [EpochHistory.Start] = []
        while try select.step() {
            starts.append(
                EpochHistory.Start(
                    epoch: String(decoding: select.text(at: 0), as: UTF8.self),
                    highestID: select.isNull(at: 1) ? nil : select.integer(at: 1)))
        }
        return EpochHistory(starts)
    }
}
