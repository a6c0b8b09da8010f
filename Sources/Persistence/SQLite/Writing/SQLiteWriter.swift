/// The writing connection, with its statements and a record of the rows that it has reported. Used by one thread at a
/// time.
///
/// Rows of other programs are noticed by `PRAGMA data_version`, which changes when *another* connection has committed
/// (sqlite.org/pragma.html#pragma_data_version). The rows count as reported only when `commit` or `poll` returns them.
/// If a group fails, the next call reads them again.
final class SQLiteWriter {
    let connection: SQLiteConnection
    let options: SQLiteStore.Options
    let opening: StoreOpening

    /// The starts that this database has recorded, including this one.
    let epochs: EpochHistory

    let rows: RowReader
    let statements: WriterStatements

    /// The highest row id that was reported, or that was present at the start.
    var watermark: Int64

    /// The data version up to which the rows of other programs have been reported.
    var reportedVersion: Int64

    /// True if the next group must check the counter of AUTOINCREMENT, because another program may have lowered it.
    var mustRaiseIDCounter = false

    /// True if this writer assigns the ids itself, because SQLite's counter has reached ``StoredMessage/maxID``.
    var assignsIDs: Bool

    let tombstones: Tombstones

    /// True if messages were deleted, so that a repeat may have only its second key left, or a tombstone.
    var hasDeleted: Bool

    /// The messages that the present pass of ``prune()`` considers.
    var pruningPass = PruningPass()

    /// The files beside the database; nil for a database in memory.
    var files: WriteAheadFiles?

    /// The error after which this writer must not be used any more.
    var permanentError: StoreError?

    /// The damage to the files, once it was noticed and the rows were saved.
    var filesFault: StoreError?

    /// Runs COMMIT and returns SQLite's result code. Tests replace it to make COMMIT fail.
    var runCommit: (SQLiteConnection) -> Int32 = { $0.commit() }

    /// The tutorial's insert, which every suitable table accepts; see ``Schema``.
    static let tutorialUpsert = """
        INSERT INTO messages (client_offset, content) VALUES (?1, ?2) ON CONFLICT (client_offset) DO NOTHING
        """

    /// Migrates the database and records the epoch, in one transaction. So no row of a previous writer can be added
    /// between reading the first watermark and superseding that writer.
    init(_ connection: SQLiteConnection, epoch: String, options: SQLiteStore.Options) throws(StoreError) {
        self.connection = connection
        self.options = options
        // Inspect the database before anything is changed, so that an unsuitable file stays unchanged.
        _ = try Schema.inspect(connection)
        try Self.configure(connection, options)
        try connection.execute("BEGIN IMMEDIATE")
        do throws(StoreError) {
            try Schema.migrate(connection)
            rows = try RowReader(connection)
            statements = try WriterStatements(connection)
            tombstones = try Tombstones(connection)
            hasDeleted = try connection.firstInteger("SELECT EXISTS (SELECT 1 FROM chatd_pruned)") == 1
            let highest = try Self.highestRowID(connection)
            assignsIDs = try Self.isCounterTooHigh(connection)
            // If the counter is too high, use the ids that each start has recorded.
            let assigned = try connection.firstInteger(
                assignsIDs
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
        try Self.limitSize(of: connection, options.maxSize)
        files = connection.path == SQLiteStore.memoryPath ? nil : try WriteAheadFiles(of: connection.path)
    }

    private static func configure(
        _ connection: SQLiteConnection, _ options: SQLiteStore.Options
    ) throws(StoreError) {
        let mode = try connection.firstText("PRAGMA journal_mode = WAL")
        guard mode == "wal" || connection.path == SQLiteStore.memoryPath else {
            throw .cannotOpen(
                path: connection.path, reason: "its file system does not support SQLite's write-ahead log")
        }
        // Checkpoint the log after 4000 pages (16 MiB at the default page size), and truncate it to 64 MiB if it has
        // grown beyond that.
        try connection.execute(
            """
            PRAGMA synchronous = \(options.synchronous.rawValue);
            PRAGMA wal_autocheckpoint = 4000;
            PRAGMA journal_size_limit = 67108864;
            """)
    }

    /// Limits the size of the database, after a start has upgraded it and recorded itself.
    private static func limitSize(of connection: SQLiteConnection, _ maxSize: Int64?) throws(StoreError) {
        guard let maxSize else { return }
        // SQLite does not set a limit below the present size: then only free pages are used.
        let pages = max(1, maxSize / (try connection.firstInteger("PRAGMA page_size")))
        try connection.execute("PRAGMA max_page_count = \(min(pages, 4_294_967_294))")
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
        let limits = try EpochLimitTable.limits(in: connection)
        var starts: [EpochHistory.Start] = []
        while try select.step() {
            let epoch = select.text(at: 0)
            starts.append(
                EpochHistory.Start(
                    epoch: String(decoding: epoch, as: UTF8.self),
                    highestID: select.isNull(at: 1) ? nil : select.integer(at: 1), rowLimit: limits[epoch]))
        }
        return EpochHistory(starts)
    }
}
