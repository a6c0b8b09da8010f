/// Consecutive rows that are stored in one transaction.
struct CopyBatch {
    /// The most rows of a batch.
    static let maxRows = 1000
    /// No row is added to a batch that has as many bytes.
    static let maxBytes = 1 << 20

    /// The number of rows before this batch.
    let start: Int64
    private(set) var rows: [CopiedRow] = []
    private var size = 0

    /// - Parameter start: the number of rows before this batch.
    init(after start: Int64) {
        self.start = start
    }

    var isFull: Bool { rows.count >= Self.maxRows || size >= Self.maxBytes }

    mutating func add(_ row: CopiedRow) {
        rows.append(row)
        size += row.size
    }

    /// The columns as array literals: id, client_offset, content, created_at, author, author_name.
    var columns: [[UInt8]] {
        let columns: [[[UInt8]?]] = [
            rows.map { Array("\($0.id)".utf8) }, rows.map(\.clientOffset), rows.map(\.content),
            rows.map { Array("\($0.createdAt)".utf8) }, rows.map(\.author), rows.map(\.authorName),
        ]
        return columns.map(PostgresArray.encode)
    }
}
