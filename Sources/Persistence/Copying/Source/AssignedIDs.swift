/// The row ids that an SQLite database has assigned, as far as it has recorded them.
struct AssignedIDs: Equatable {
    /// The starts of servers, in order.
    let starts: [SourceStart]
    /// The highest id that a client may have received; see ``StoreOpening/highestAssignedID``.
    let highestReceived: Int64

    /// Reads them from a database with a table `messages`.
    init(of connection: SQLiteConnection) throws(StoreError) {
        starts = try Self.starts(of: connection)
        // As a new start determines it; see `SQLiteWriter`.
        let assigned =
            try SQLiteWriter.isCounterTooHigh(connection)
            ? starts.compactMap(\.highestID).max() ?? 0
            : try connection.firstInteger("SELECT seq FROM sqlite_sequence WHERE name = 'messages'")
        highestReceived = max(try SQLiteWriter.highestRowID(connection), assigned)
    }

    /// The highest id ever assigned, as far as any start has recorded it. A program may have lowered SQLite's counter.
    var highest: Int64 {
        min(max(highestReceived, starts.compactMap(\.highestID).max() ?? 0), StoredMessage.maxID)
    }

    /// The recorded starts; none if no chatd has used the database.
    private static func starts(of connection: SQLiteConnection) throws(StoreError) -> [SourceStart] {
        let columns = try Schema.columns(of: "chatd_epochs", connection)
        guard !columns.isEmpty else { return [] }
        let highestID = columns.contains("highest_id") ? "highest_id" : "NULL"
        let select = try connection.prepare(
            "SELECT epoch, started_at, \(highestID) FROM chatd_epochs ORDER BY number")
        defer { select.reset() }
        let limits = try EpochLimitTable.limits(in: connection)
        var starts: [SourceStart] = []
        while try select.step() {
            let epoch = select.text(at: 0)
            // Epochs are hexadecimal digits. PostgreSQL cannot have one with U+0000, which no server has written.
            guard !epoch.contains(0) else { continue }
            starts.append(
                SourceStart(
                    epoch: epoch, startedAt: select.integer(at: 1),
                    highestID: select.isNull(at: 2) ? nil : select.integer(at: 2), rowLimit: limits[epoch]))
        }
        return starts
    }
}
