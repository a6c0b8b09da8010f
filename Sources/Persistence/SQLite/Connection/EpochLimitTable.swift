/// The table of the epochs that a restore has limited: offsets of them say nothing about rows above `row_limit`. Other
/// epochs are not in it. See ``TimelineFork``.
enum EpochLimitTable {
    static let table = """
        CREATE TABLE IF NOT EXISTS chatd_epoch_limits (epoch TEXT PRIMARY KEY, row_limit INTEGER NOT NULL)
        """

    /// The limit of each limited epoch.
    static func limits(in connection: SQLiteConnection) throws(StoreError) -> [[UInt8]: Int64] {
        guard try !Schema.columns(of: "chatd_epoch_limits", connection).isEmpty else { return [:] }
        let select = try connection.prepare("SELECT epoch, row_limit FROM chatd_epoch_limits")
        var limits: [[UInt8]: Int64] = [:]
        while try select.step() { limits[select.text(at: 0)] = select.integer(at: 1) }
        return limits
    }

    /// Limits an epoch, inside the caller's transaction.
    static func limit(_ epoch: [UInt8], to id: Int64, in connection: SQLiteConnection) throws(StoreError) {
        let insert = try connection.prepare(
            "INSERT OR REPLACE INTO chatd_epoch_limits (epoch, row_limit) VALUES (?1, ?2)")
        try insert.bind(id, at: 2)
        _ = try insert.withText(epoch, at: 1) { () throws(StoreError) in try insert.step() }
    }
}
