/// The version of the tables, which a database records in its table `chatd_schema`.
///
/// A table rather than `PRAGMA user_version`, because another program on the same file may use that number for its own
/// tables. A database without the table has an earlier version, which ``Schema`` tells by its columns.
enum SchemaVersion {
    /// The version of this program. Increase it if a database that has been upgraded must not be written by an older
    /// chatd, and add the step to ``Schema/migrate(_:)``.
    static let current: Int64 = 2

    private static let columns = ["version"]

    /// - Throws: ``StoreError/newerSchema(path:version:known:)`` if a newer chatd has upgraded the database.
    static func check(_ connection: SQLiteConnection) throws(StoreError) {
        guard let version = try recorded(in: connection), version > current else { return }
        throw .newerSchema(path: connection.path, version: version, known: current)
    }

    /// The recorded version; nil if there is none.
    /// - Throws: ``StoreError/unsuitableSchema(path:reason:)`` if the table has other columns.
    static func recorded(in connection: SQLiteConnection) throws(StoreError) -> Int64? {
        let present = try Schema.columns(of: "chatd_schema", connection)
        if present.isEmpty { return nil }
        guard present == columns else {
            throw .unsuitableSchema(path: connection.path, reason: "its table chatd_schema has other columns")
        }
        return try connection.firstInteger("SELECT max(version) FROM chatd_schema")
    }

    /// Records the version of this program, inside the caller's transaction.
    static func record(_ connection: SQLiteConnection) throws(StoreError) {
        guard try recorded(in: connection) != current else { return }
        try connection.execute(
            """
            CREATE TABLE IF NOT EXISTS chatd_schema (version INTEGER NOT NULL);
            DELETE FROM chatd_schema;
            INSERT INTO chatd_schema (version) VALUES (\(current));
            """)
    }
}
