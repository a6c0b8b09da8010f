/// A row of the table `messages` in SQLite, as it is stored.
package struct SourceRow: Equatable, Sendable {
    package let id: Int64
    package let clientOffset: SourceValue
    package let content: SourceValue
    package let createdAt: SourceValue
    package let author: SourceValue
    package let authorName: SourceValue

    package init(
        id: Int64, clientOffset: SourceValue, content: SourceValue, createdAt: SourceValue, author: SourceValue,
        authorName: SourceValue = .null
    ) {
        self.id = id
        self.clientOffset = clientOffset
        self.content = content
        self.createdAt = createdAt
        self.author = author
        self.authorName = authorName
    }

    /// The digest of all rows up to this one.
    /// - Parameter previous: the digest of the rows before it.
    func digest(after previous: [UInt8]) -> [UInt8] {
        var bytes = previous
        for value in [.integer(id), clientOffset, content, createdAt, author] { value.appendIdentity(to: &bytes) }
        // So that a copy which began before there were names can continue.
        if authorName != .null { authorName.appendIdentity(to: &bytes) }
        return SHA256.digest(bytes)
    }
}
