/// A row of the table `messages` in PostgreSQL.
struct CopiedRow: Equatable {
    let id: Int64
    /// The key under which repeats of the message are found; nil if there is none.
    let clientOffset: [UInt8]?
    let content: [UInt8]?
    /// In milliseconds since 1970; 0 if unknown.
    let createdAt: Int64
    let author: [UInt8]?
    var authorName: [UInt8]?

    /// The size of its texts in bytes.
    var size: Int {
        [clientOffset, content, author, authorName].reduce(0) { $0 + ($1?.count ?? 0) }
    }
}
