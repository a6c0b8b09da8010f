extension SQLiteWriter {
    /// What other programs have added, as far as one report may carry it.
    struct ForeignRows {
        let page: HistoryPage
        let version: Int64
    }

    /// Rows of other programs above the watermark, bounded.
    func poll() throws(StoreError) -> [StoredMessage] {
        try refuseIfLasting()
        try refuseIfFilesGone()
        // A read transaction, so that version and rows belong to the same state.
        try connection.execute("BEGIN")
        defer { connection.rollback() }
        guard let foreign = try foreignRows() else { return [] }
        try refuseIfSuperseded()
        report(foreign)
        // This is a read transaction: the next group has to look after the counter.
        doubtsIDCounter = true
        return foreign.page.messages
    }

    /// Reads the rows above the watermark if another program has committed anything. To be called in a transaction,
    /// before it writes; nothing counts as reported yet.
    ///
    /// - Returns: nil when no other program has committed since the last complete report.
    func foreignRows() throws(StoreError) -> ForeignRows? {
        let version = try statements.dataVersion.onlyInteger()
        guard version != reportedVersion else { return nil }
        let page = try rows.page(after: watermark, through: .max, limit: options.foreignLimit)
        return ForeignRows(page: page, version: version)
    }

    /// Remembers that these rows are now being handed out. The version stays behind while there are more.
    func report(_ foreign: ForeignRows) {
        if let last = foreign.page.messages.last { watermark = max(watermark, last.id) }
        if foreign.page.reachesEnd { reportedVersion = foreign.version }
    }

    /// Keeps ids increasing when another program has reset the counter of AUTOINCREMENT ("DELETE FROM
    /// sqlite_sequence" is a common way to empty a table): a reused id would be taken for one that every client has
    /// seen.
    func raiseIDCounter() throws(StoreError) {
        let floor = max(watermark, opening.highestAssignedID)
        try connection.execute(
            """
            UPDATE sqlite_sequence SET seq = \(floor) WHERE name = 'messages' AND seq < \(floor);
            INSERT INTO sqlite_sequence (name, seq)
                SELECT 'messages', \(floor)
                WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'messages');
            """)
        countsIDs = try Self.isCounterTooHigh(connection)
    }

    /// Whether SQLite would give the next row an id that clients cannot be told, or none at all: another program has
    /// stored a row with an id of its own above ``StoredMessage/maxID``.
    static func isCounterTooHigh(_ connection: SQLiteConnection) throws(StoreError) -> Bool {
        let counter = try connection.firstInteger("SELECT seq FROM sqlite_sequence WHERE name = 'messages'")
        return max(counter, try connection.firstInteger("SELECT max(id) FROM messages")) >= StoredMessage.maxID
    }

    /// The highest id that was given, of those that clients can be told.
    func highestID() throws(StoreError) -> Int64 {
        max(watermark, opening.highestAssignedID, try Self.highestRowID(connection))
    }

    static func highestRowID(_ connection: SQLiteConnection) throws(StoreError) -> Int64 {
        max(0, try connection.firstInteger("SELECT max(id) FROM messages WHERE id <= \(StoredMessage.maxID)"))
    }

    /// A newer epoch means that another server serves this database now, past our lock file: on another host, or because
    /// someone has removed the file.
    func refuseIfSuperseded() throws(StoreError) {
        guard try statements.newestEpoch.onlyInteger() != opening.epochNumber else { return }
        let error = StoreError.superseded(path: connection.path)
        lasting = error
        throw error
    }

    func refuseIfLasting() throws(StoreError) {
        if let lasting { throw lasting }
        // Left over only if a ROLLBACK has failed.
        connection.rollback()
    }
}
