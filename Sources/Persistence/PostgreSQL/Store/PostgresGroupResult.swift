/// The rows that the functions `chatd_store` and `chatd_poll` return: the kind, then the columns of a message.
struct PostgresGroupResult {
    private(set) var foreignRows: [StoredMessage] = []
    private(set) var outcomes: [StoreOutcome] = []
    /// True if there may be more foreign rows. Nothing was stored then.
    private(set) var isDeferred = false
    /// The number of the newest start that the database has recorded.
    private(set) var newestEpoch: Int64 = 0
    /// The highest id that the database has ever assigned.
    private(set) var highestAssigned: Int64 = 0
    /// The server that answered a poll.
    private(set) var server: PostgresServerIdentity?

    /// True if rows were inserted.
    var hasStored: Bool {
        outcomes.contains { if case .stored = $0 { true } else { false } }
    }

    /// - Parameters:
    ///   - drafts: the messages of the group.
    ///   - storedAt: the time that was recorded for new rows, in milliseconds since 1970.
    /// - Throws: ``PostgresFailure/lost(_:)`` if it is another result, so that what was stored is unknown.
    init(
        _ result: PostgresResult, of drafts: [MessageDraft] = [], storedAt: Int64 = 0
    ) throws(PostgresFailure) {
        for columns in result.rows {
            let row = PostgresRow(columns)
            switch row.text(0) {
            case "f": foreignRows.append(try row.message(from: 1))
            case "s":
                guard outcomes.count < drafts.count else { throw .lost("a result has too many rows") }
                let draft = drafts[outcomes.count]
                outcomes.append(.stored(StoredMessage(draft, id: try row.integer(1), storedAt: storedAt)))
            case "r": outcomes.append(.repeated(id: try row.integer(1)))
            case "d": isDeferred = true
            case "e":
                newestEpoch = try row.integer(1)
                highestAssigned = try row.integer(3)
            case "p": server = PostgresServerIdentity(system: try row.integer(1), timeline: row.text(2))
            case "h": throw .unavailable("the server is in recovery")
            case let kind: throw .lost("a result has a row of the unknown kind \(kind)")
            }
        }
        guard isDeferred || outcomes.count == drafts.count else { throw .lost("a result has another number of rows") }
    }
}
