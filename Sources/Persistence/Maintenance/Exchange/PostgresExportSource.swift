/// The messages of a PostgreSQL database, for an export in the form of SQLite. Each page is a transaction of its own.
package final class PostgresExportSource: ExportedMessages {
    /// The limits of one page. The server adds up the sizes.
    private static let maxRows = 1000
    private static let maxBytes = 1 << 20

    package let name: String
    package let rowCount: Int64
    package let assignedID: Int64
    package let starts: [SourceStart]

    private let database: PostgresReading
    private let highestID: Int64
    /// The column with the names of authors, or NULL for a database that no chatd has extended yet.
    private let nameColumn: String
    private var last: Int64 = .min
    private var hasEnded = false
    private var lastDeleted: Int64 = 0
    private var highestDeleted: Int64?

    /// Connects, and reads all but the rows.
    package init(url: String) throws(MaintenanceError) {
        do throws(StoreError) {
            database = try PostgresReading(url: url, applicationName: "chatd export")
            name = database.name
            (rowCount, highestID, assignedID) = try database.row(
                of: """
                    SELECT count(*), coalesce(max(id), 0),
                        (SELECT greatest(last_value - (NOT is_called)::int, 0) FROM messages_id_seq)
                    FROM messages
                    """
            ) { row throws(PostgresFailure) in
                (try row.integer(0), try row.integer(1), min(try row.integer(2), StoredMessage.maxID))
            }
            starts = try Self.starts(of: database)
            nameColumn = try database.row(
                of: """
                    SELECT count(*) FROM pg_attribute
                    WHERE attrelid = 'messages'::regclass AND attname = 'author_name' AND NOT attisdropped
                    """
            ) { row throws(PostgresFailure) in try row.integer(0) == 0 ? "NULL" : "author_name" }
        } catch {
            throw .store(error)
        }
    }

    /// The starts in the form of SQLite, where the first start after a lost state records the highest id that was left.
    private static func starts(of database: PostgresReading) throws(StoreError) -> [SourceStart] {
        let sql = """
            SELECT epoch, started_at, (SELECT min(h.last_id) FROM chatd_history h
                WHERE h.number > start.before AND h.number <= start.history)
            FROM (SELECT epoch, started_at, number, history, lag(history) OVER (ORDER BY number) AS before
                FROM chatd_epochs) AS start ORDER BY number
            """
        return try database.rows(of: PostgresStatement(sql)) { rows throws(PostgresFailure) in
            var starts: [SourceStart] = []
            for row in rows {
                starts.append(
                    SourceStart(
                        epoch: row.bytes(0) ?? [], startedAt: try row.integer(1),
                        highestID: try row.optionalInteger(2)))
            }
            return starts
        }
    }

    package func next() throws(MaintenanceError) -> [SourceRow] {
        guard !hasEnded else { return [] }
        let sql = """
            SELECT id, client_offset, content, created_at, author, \(nameColumn)
            FROM (SELECT *, sum(size) OVER (ORDER BY id) AS bytes
                FROM (SELECT *, coalesce(octet_length(content), 0) AS size FROM messages
                    WHERE id > $1 AND id <= $2 ORDER BY id LIMIT $3) AS found) AS measured
            WHERE bytes - size <= $4 ORDER BY id
            """
        let values = [last, highestID, Int64(Self.maxRows), Int64(Self.maxBytes)]
        let statement = PostgresStatement(sql, name: "export", parameters: values.map { Array("\($0)".utf8) })
        let found = try MaintenanceError.wrap { () throws(StoreError) in
            try database.rows(of: statement) { rows throws(PostgresFailure) in
                var found: [SourceRow] = []
                for row in rows { found.append(try Self.sourceRow(row)) }
                return found
            }
        }
        last = found.last?.id ?? highestID
        hasEnded = found.isEmpty
        return found
    }

    package func nextDeleted() throws(MaintenanceError) -> [SourceTombstone] {
        let sql = """
            SELECT number, client_offset, content_hash, id, deleted_at FROM chatd_deleted
            WHERE number > $1 ORDER BY number LIMIT $2
            """
        let values = [lastDeleted, Int64(Self.maxRows)].map { Array("\($0)".utf8) }
        let statement = PostgresStatement(sql, name: "deleted", parameters: values)
        return try MaintenanceError.wrap { () throws(StoreError) in
            try database.rows(of: statement) { rows throws(PostgresFailure) in
                var found: [SourceTombstone] = []
                for row in rows {
                    lastDeleted = try row.integer(0)
                    let id = try row.integer(3)
                    highestDeleted = max(highestDeleted ?? id, id)
                    found.append(
                        SourceTombstone(
                            key: OffsetKey.inSQLite(row.bytes(1) ?? []), contentHash: row.bytes(2) ?? [], id: id,
                            deletedAt: try row.integer(4)))
                }
                return found
            }
        }
    }

    /// An SQLite database deletes messages in the order of their ids.
    package func deletedThrough() -> Int64? { highestDeleted }

    private static func sourceRow(_ row: PostgresRow) throws(PostgresFailure) -> SourceRow {
        func text(_ index: Int) -> SourceValue { row.bytes(index).map(SourceValue.text) ?? .null }
        return SourceRow(
            id: try row.integer(0), clientOffset: row.bytes(1).map { .text(OffsetKey.inSQLite($0)) } ?? .null,
            content: text(2), createdAt: .integer(try row.optionalInteger(3) ?? 0), author: text(4),
            authorName: text(5))
    }
}
