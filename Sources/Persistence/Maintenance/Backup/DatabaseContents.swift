/// What a database contains, after a check of its structure.
struct DatabaseContents {
    let rowCount: Int64
    /// The highest row id; 0 without rows.
    let highestID: Int64
    /// The size of the file in bytes.
    let size: Int64

    /// - Parameter completely: see ``firstDamage(of:completely:)``.
    /// - Throws: ``MaintenanceError/damaged(path:reason:)`` if SQLite finds an error.
    init(checking connection: SQLiteConnection, completely: Bool) throws(MaintenanceError) {
        if let damage = try MaintenanceError.wrap({ () throws(StoreError) in
            try Self.firstDamage(of: connection, completely: completely)
        }) {
            throw .damaged(path: connection.path, reason: damage)
        }
        self = try MaintenanceError.wrap { () throws(StoreError) in try Self(reading: connection) }
    }

    private init(reading connection: SQLiteConnection) throws(StoreError) {
        rowCount = try connection.firstInteger("SELECT count(*) FROM messages")
        highestID = max(0, try connection.firstInteger("SELECT max(id) FROM messages"))
        size = try connection.firstInteger("PRAGMA page_count") * connection.firstInteger("PRAGMA page_size")
    }

    /// The first error in the structure of a database; nil if there is none.
    /// - Parameter completely: true to compare the indexes with the tables too, which takes several times as long.
    static func firstDamage(of connection: SQLiteConnection, completely: Bool) throws(StoreError) -> String? {
        do throws(StoreError) {
            let result = try connection.firstText("PRAGMA \(completely ? "integrity" : "quick")_check(1)")
            return result == "ok" ? nil : result ?? "the check has no result"
        } catch {
            guard error.cause == .corrupt else { throw error }
            return "\(error)"
        }
    }
}
