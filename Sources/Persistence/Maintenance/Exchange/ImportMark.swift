/// The table of a database whose import has not ended. No server opens such a database, because it has only a part of
/// the messages.
enum ImportMark {
    static func isPresent(in connection: SQLiteConnection) throws(StoreError) -> Bool {
        try !Schema.columns(of: "chatd_importing", connection).isEmpty
    }

    /// Adds the table, inside the caller's transaction.
    static func add(to connection: SQLiteConnection) throws(StoreError) {
        try connection.execute("CREATE TABLE IF NOT EXISTS chatd_importing (started INTEGER)")
    }

    /// Removes the table, inside the caller's transaction.
    static func remove(from connection: SQLiteConnection) throws(StoreError) {
        try connection.execute("DROP TABLE IF EXISTS chatd_importing")
    }
}
