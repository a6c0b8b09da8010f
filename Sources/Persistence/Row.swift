/// A stored chat message. The id is its place in the order that every client sees.
public struct Row: Sendable, Equatable {
    /// The row id: increasing in the order of commits, not dense.
    public let id: Int64

    /// The text, valid UTF-8 also when another program stored something else (such bytes are replaced by U+FFFD).
    public let content: [UInt8]

    /// Milliseconds since 1970 at which the row was stored; 0 when unknown, as for the rows of the Node tutorial.
    public let createdAt: Int64

    /// - Parameter createdAt: milliseconds since 1970, 0 when unknown.
    public init(id: Int64, content: [UInt8], createdAt: Int64) {
        self.id = id
        self.content = content
        self.createdAt = createdAt
    }
}
