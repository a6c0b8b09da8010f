/// The messages of an SQLite database, read in short transactions, so that a server can write and empty its log however
/// slowly they are taken. A message with an id up to ``highestID`` is read, unless it is deleted before.
///
/// The rows are those of one state: rows do not change, and a new row has a higher id.
package final class ExportSource: ExportedMessages {
    private static let busyTimeout = Duration.seconds(5)
    /// The limits of one transaction.
    private static let maxRows = 1000
    private static let maxBytes = 1 << 20

    /// The file's absolute path.
    package let name: String
    /// The number of rows at the start.
    package let rowCount: Int64
    /// The highest id of the rows that are read; nil without rows.
    package let highestID: Int64?
    /// The highest id ever assigned.
    package let assignedID: Int64
    /// The starts of servers that the database has recorded.
    package let starts: [SourceStart]

    private let connection: SQLiteConnection
    private let rows: SQLiteStatement
    private let tombstones: TombstoneReader
    /// Rows with a higher id are not read yet; nil before the first one.
    private var last: Int64?
    private var hasEnded = false

    /// Opens a database and reads all but its rows.
    package init(path: String) throws(MaintenanceError) {
        do throws(StoreError) {
            let file = try DatabaseFile(path: path)
            guard !file.isEmpty else { throw .cannotOpen(path: file.path, reason: "there is no database") }
            connection = try SQLiteConnection.reading(file.path, busyTimeout: Self.busyTimeout)
            try connection.execute("BEGIN")
            guard case .hasAdditions(let count) = try Schema.inspect(connection) else {
                throw .unsuitableSchema(path: connection.path, reason: "it has no table messages")
            }
            let assigned = try AssignedIDs(of: connection)
            (assignedID, starts) = (assigned.highest, assigned.starts)
            rowCount = try connection.firstInteger("SELECT count(*) FROM messages")
            highestID = rowCount == 0 ? nil : try connection.firstInteger("SELECT max(id) FROM messages")
            rows = try connection.prepare(
                "SELECT \(Schema.columnList(additions: count)) FROM messages WHERE id >= ?1 AND id <= ?2 ORDER BY id")
            tombstones = try TombstoneReader(connection)
            try connection.execute("COMMIT")
        } catch {
            throw .store(error)
        }
        name = connection.path
    }

    /// Reads further rows in the order of ids.
    /// - Returns: an empty array at the end.
    package func next() throws(MaintenanceError) -> [SourceRow] {
        guard let highestID, !hasEnded else { return [] }
        var found: [SourceRow] = []
        do throws(StoreError) {
            defer { rows.reset() }
            try rows.bind(last.map { $0 + 1 } ?? .min, at: 1)
            try rows.bind(highestID, at: 2)
            var size = 0
            while found.count < Self.maxRows, size < Self.maxBytes, try rows.step() {
                let row = SourceRow(rows)
                size += row.size
                found.append(row)
            }
        } catch {
            throw .store(error)
        }
        last = found.last?.id ?? highestID
        hasEnded = found.isEmpty || last == highestID
        return found
    }

    package func nextDeleted() throws(MaintenanceError) -> [SourceTombstone] {
        try MaintenanceError.wrap { () throws(StoreError) in try tombstones.next() }
    }

    package func deletedThrough() throws(MaintenanceError) -> Int64? {
        try MaintenanceError.wrap { () throws(StoreError) in try tombstones.through() }
    }
}

extension SourceRow {
    /// The row at which a statement is that selects ``Schema/columnList(additions:)``.
    init(_ row: SQLiteStatement) {
        self.init(
            id: row.integer(at: 0), clientOffset: row.value(at: 1), content: row.value(at: 2),
            createdAt: row.value(at: 3), author: row.value(at: 4), authorName: row.value(at: 5))
    }

    /// The size of its texts in bytes.
    var size: Int {
        [clientOffset, content, author, authorName].reduce(0) { $0 + ($1.bytes?.count ?? 0) }
    }
}
