extension SQLiteWriter {
    /// Rows that other programs have added, up to the limit of one report.
    struct ForeignRows {
        let page: HistoryPage
        let version: Int64
    }

    /// Returns the rows of other programs above the watermark; see ``MessageStore/poll()``.
    func poll() throws(StoreError) -> [StoredMessage] {
        try checkUsable()
        try checkFiles()
        // Use a read transaction, so that the version and the rows belong to the same state.
        try connection.execute("BEGIN")
        defer { connection.rollback() }
        guard let foreign = try foreignRows() else { return [] }
        try checkEpoch()
        report(foreign)
        // A read transaction cannot raise the counter, so the next group must.
        mustRaiseIDCounter = true
        return foreign.page.messages
    }

    /// Reads the rows above the watermark if another program has committed since the last complete report. Call it in a
    /// transaction, before the transaction writes. The rows do not count as reported yet.
    ///
    /// - Returns: nil if no other program has committed.
    func foreignRows() throws(StoreError) -> ForeignRows? {
        let version = try statements.dataVersion.onlyInteger()
        guard version != reportedVersion else { return nil }
        let page = try rows.page(after: watermark, through: .max, limit: options.foreignLimit)
        return ForeignRows(page: page, version: version)
    }

    /// Records that these rows are reported. The version is recorded only with the last of them.
    func report(_ foreign: ForeignRows) {
        if let last = foreign.page.messages.last { watermark = max(watermark, last.id) }
        if foreign.page.reachesEnd { reportedVersion = foreign.version }
    }

    /// Keeps ids increasing after another program has reset the counter of AUTOINCREMENT; "DELETE FROM sqlite_sequence"
    /// is a common way to empty a table. Clients ignore a message whose id they have already seen.
    func raiseIDCounter() throws(StoreError) {
        let floor = max(watermark, opening.highestAssignedID)
        try IDContinuation.raiseCounter(of: connection, to: floor)
        assignsIDs = try Self.isCounterTooHigh(connection)
    }

    /// True if SQLite's next id would exceed ``StoredMessage/maxID``. This happens if another program has stored a row
    /// with a very high id.
    static func isCounterTooHigh(_ connection: SQLiteConnection) throws(StoreError) -> Bool {
        let counter = try connection.firstInteger("SELECT seq FROM sqlite_sequence WHERE name = 'messages'")
        return max(counter, try connection.firstInteger("SELECT max(id) FROM messages")) >= StoredMessage.maxID
    }

    /// The highest assigned id, without those above ``StoredMessage/maxID``.
    func highestID() throws(StoreError) -> Int64 {
        max(watermark, opening.highestAssignedID, try Self.highestRowID(connection))
    }

    static func highestRowID(_ connection: SQLiteConnection) throws(StoreError) -> Int64 {
        max(0, try connection.firstInteger("SELECT max(id) FROM messages WHERE id <= \(StoredMessage.maxID)"))
    }

    /// Throws if a newer epoch is recorded: another server now serves this database, despite the lock file. It runs on
    /// another host, or the lock file was removed.
    func checkEpoch() throws(StoreError) {
        guard try statements.newestEpoch.onlyInteger() != opening.epochNumber else { return }
        let error = StoreError.superseded(path: connection.path)
        permanentError = error
        throw error
    }

    /// Throws the permanent error, if there is one.
    func checkUsable() throws(StoreError) {
        if let permanentError { throw permanentError }
        // A transaction can be left open only if a ROLLBACK has failed.
        connection.rollback()
    }
}
