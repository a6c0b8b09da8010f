/// What is left of deleted messages, so that a repeat of one is still recognized and acknowledged.
///
/// `chatd_pruned` has one row when messages were deleted for the first time: the id up to which all are deleted, or 0
/// if only single messages were. It stays when the tombstones are gone, because from then on the second key of a
/// message may be in use and its first one free.
struct Tombstones {
    static let tables = """
        CREATE TABLE IF NOT EXISTS chatd_deleted (
            client_offset TEXT PRIMARY KEY,
            content_hash TEXT NOT NULL,
            id INTEGER NOT NULL,
            deleted_at INTEGER NOT NULL
        );
        CREATE INDEX IF NOT EXISTS chatd_deleted_at ON chatd_deleted (deleted_at);
        CREATE TABLE IF NOT EXISTS chatd_pruned (through INTEGER NOT NULL);
        """

    /// True if a database has the tables. One that another program or an older chatd has made may lack them.
    static func arePresent(in connection: SQLiteConnection) throws(StoreError) -> Bool {
        for name in ["chatd_deleted", "chatd_pruned"] {
            if try Schema.columns(of: name, connection).isEmpty { return false }
        }
        return true
    }

    /// How long a tombstone is kept, in milliseconds. Clients repeat a message within this time.
    static let lifetime: Int64 = 30 * 24 * 3600 * 1000

    /// Parameter: client offset. Columns: id, hash of the content.
    let byOffset: SQLiteStatement
    /// Parameters: client offset, hash of the content, id, time.
    let insert: SQLiteStatement
    /// Parameters: time, number.
    let removeOld: SQLiteStatement
    let through: SQLiteStatement

    /// - Parameter connection: a database whose schema is up to date.
    init(_ connection: SQLiteConnection) throws(StoreError) {
        byOffset = try connection.prepare("SELECT id, content_hash FROM chatd_deleted WHERE client_offset = ?1")
        insert = try connection.prepare(
            """
            INSERT OR REPLACE INTO chatd_deleted (client_offset, content_hash, id, deleted_at)
            VALUES (?1, ?2, ?3, ?4)
            """)
        removeOld = try connection.prepare(
            """
            DELETE FROM chatd_deleted WHERE rowid IN
                (SELECT rowid FROM chatd_deleted WHERE deleted_at < ?1 ORDER BY deleted_at LIMIT ?2)
            """)
        through = try connection.prepare("SELECT max(through) FROM chatd_pruned")
    }
}
