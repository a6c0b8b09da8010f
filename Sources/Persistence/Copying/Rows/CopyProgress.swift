/// How much of a source has been copied: its first rows by id.
struct CopyProgress: Equatable, Sendable {
    /// The number of rows.
    var rowCount: Int64 = 0
    /// The highest id; nil if there is no row.
    var lastID: Int64?
    /// The digest of the rows as they are in the source, which tells whether another source is the same one.
    var digest = [UInt8](repeating: 0, count: 32)

    mutating func add(_ row: SourceRow) {
        rowCount += 1
        lastID = row.id
        digest = row.digest(after: digest)
    }

    /// The digest as the database keeps it.
    var digestText: [UInt8] { digest.flatMap { [Self.digit($0 >> 4), Self.digit($0 & 15)] } }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? 0x30 + value : 0x61 + value - 10
    }
}
