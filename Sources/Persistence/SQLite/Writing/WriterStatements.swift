/// The statements that each group uses. They are prepared once.
struct WriterStatements {
    /// Takes the write lock at once, so that the rows read afterwards do not change before the commit.
    let begin: SQLiteStatement

    /// The value changes when another connection has committed (sqlite.org/pragma.html#pragma_data_version).
    let dataVersion: SQLiteStatement

    let newestEpoch: SQLiteStatement

    /// Parameters: client offset, content, created_at, author, id and author's name. All but content and created_at may
    /// stay NULL.
    let insert: SQLiteStatement

    /// Parameter: client offset. Columns: id, content.
    let rowByOffset: SQLiteStatement

    /// Parameter: id. Columns: client offset, content.
    let rowByID: SQLiteStatement

    /// Parameters: the highest id and the number. Columns: id, created_at, client offset, content.
    let oldest: SQLiteStatement

    /// Parameters: the id of a row before it, and the latest time. Columns: id, created_at.
    let nextWithTime: SQLiteStatement

    /// - Parameter connection: a database whose schema is up to date.
    init(_ connection: SQLiteConnection) throws(StoreError) {
        begin = try connection.prepare("BEGIN IMMEDIATE")
        dataVersion = try connection.prepare("PRAGMA data_version")
        newestEpoch = try connection.prepare("SELECT max(number) FROM chatd_epochs")
        insert = try connection.prepare(
            """
            INSERT INTO messages (client_offset, content, created_at, author, id, author_name)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6)
            ON CONFLICT (client_offset) DO NOTHING
            """)
        rowByOffset = try connection.prepare("SELECT id, content FROM messages WHERE client_offset = ?1")
        oldest = try connection.prepare(
            """
            SELECT id, created_at, client_offset, content FROM messages WHERE id > 0 AND id <= ?1 ORDER BY id LIMIT ?2
            """)
        nextWithTime = try connection.prepare(
            """
            SELECT id, created_at FROM messages WHERE id > ?1 AND created_at > 0 AND created_at <= ?2
            ORDER BY id LIMIT 1
            """)
        rowByID = try connection.prepare("SELECT client_offset, content FROM messages WHERE id = ?1")
    }
}
