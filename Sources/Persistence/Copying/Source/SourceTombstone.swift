/// What an SQLite database has kept of a deleted message; see ``Tombstones``.
package struct SourceTombstone: Equatable, Sendable {
    /// The key of the message; see ``OffsetKey``.
    package let key: [UInt8]
    /// The SHA-256 of its content, in hexadecimal digits.
    package let contentHash: [UInt8]
    package let id: Int64
    /// In milliseconds since 1970.
    package let deletedAt: Int64

    package init(key: [UInt8], contentHash: [UInt8], id: Int64, deletedAt: Int64) {
        self.key = key
        self.contentHash = contentHash
        self.id = id
        self.deletedAt = deletedAt
    }
}

/// Reads the tombstones of an SQLite database page by page. Between two pages the database may change.
final class TombstoneReader {
    /// The largest number of tombstones in a page.
    static let pageSize: Int64 = 1000

    private let connection: SQLiteConnection
    /// Nil if the database has none, because an older version of chatd or another program has made it.
    private let select: SQLiteStatement?
    private var last: Int64 = 0

    init(_ connection: SQLiteConnection) throws(StoreError) {
        self.connection = connection
        guard try Tombstones.arePresent(in: connection) else {
            select = nil
            return
        }
        select = try connection.prepare(
            """
            SELECT rowid, client_offset, content_hash, id, deleted_at FROM chatd_deleted
            WHERE rowid > ?1 ORDER BY rowid LIMIT \(Self.pageSize)
            """)
    }

    /// Reads further tombstones.
    /// - Returns: an empty array at the end.
    func next() throws(StoreError) -> [SourceTombstone] {
        guard let select else { return [] }
        defer { select.reset() }
        try select.bind(last, at: 1)
        var found: [SourceTombstone] = []
        while try select.step() {
            last = select.integer(at: 0)
            found.append(
                SourceTombstone(
                    key: select.withBytes(at: 1) { Array($0) }, contentHash: select.withBytes(at: 2) { Array($0) },
                    id: select.integer(at: 3), deletedAt: select.integer(at: 4)))
        }
        return found
    }

    /// The id up to which all messages are deleted; nil if none was ever deleted.
    func through() throws(StoreError) -> Int64? {
        guard select != nil, try connection.firstInteger("SELECT EXISTS (SELECT 1 FROM chatd_pruned)") == 1 else {
            return nil
        }
        return try connection.firstInteger("SELECT max(through) FROM chatd_pruned")
    }
}
