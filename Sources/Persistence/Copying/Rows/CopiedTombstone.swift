/// A row of the table `chatd_deleted` in PostgreSQL.
struct CopiedTombstone: Equatable {
    /// The key under which repeats of the deleted message are found.
    let clientOffset: [UInt8]
    let contentHash: [UInt8]
    let id: Int64
    /// In milliseconds since 1970.
    let deletedAt: Int64

    /// The columns of several ones as array literals: client_offset, content_hash, id, deleted_at.
    static func columns(_ tombstones: [CopiedTombstone]) -> [[UInt8]] {
        let columns: [[[UInt8]?]] = [
            tombstones.map(\.clientOffset), tombstones.map(\.contentHash), tombstones.map { Array("\($0.id)".utf8) },
            tombstones.map { Array("\($0.deletedAt)".utf8) },
        ]
        return columns.map(PostgresArray.encode)
    }
}
