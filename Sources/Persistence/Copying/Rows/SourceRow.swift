/// A row of the table `messages` in SQLite, as it is stored.
struct SourceRow: Equatable {
    let id: Int64
    let clientOffset: SourceValue
    let content: SourceValue
    let createdAt: SourceValue
    let author: SourceValue

    /// The digest of all rows up to this one.
    /// - Parameter previous: the digest of the rows before it.
    func digest(after previous: [UInt8]) -> [UInt8] {
        var bytes = previous
        for value in [.integer(id), clientOffset, content, createdAt, author] { value.appendIdentity(to: &bytes) }
        return SHA256.digest(bytes)
    }
}
