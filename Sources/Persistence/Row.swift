/// A stored chat message. The id is its place in the order that every client sees.
public struct Row: Sendable, Equatable {
    /// The row id: increasing in the order of commits, not dense.
    public let id: Int64

    /// The text, valid UTF-8 also when another program stored something else (such bytes are replaced by U+FFFD).
    public let content: [UInt8]

    /// Milliseconds since 1970 at which the row was stored; 0 when unknown, as for the rows of the Node tutorial.
    public let createdAt: Int64

    /// Who wrote it, as its ``StoreRequest`` said, UTF-8; nil when unknown.
    public let author: [UInt8]?

    /// The client's own name of the message, UTF-8; nil when it gave none. Several rows may have the same.
    public let clientOffset: [UInt8]?

    /// The highest id of a message. Clients get ids as JSON numbers, which most of them hold as doubles: above 2⁵³ − 1
    /// some are equal. A row that another program has given a higher one counts as not there, as one below 1 does.
    public static let maxID: Int64 = (1 << 53) - 1

    /// A time as clients can use it: 0 for what no calendar has (ECMA-262, "Time Values and Time Range"), since another
    /// program may have written anything.
    static func time(_ milliseconds: Int64) -> Int64 {
        (0...8_640_000_000_000_000).contains(milliseconds) ? milliseconds : 0
    }

    /// An author or a client offset of more bytes counts as unknown when it is read: another program may have written
    /// anything.
    public static let maxNameBytes = 1024

    /// - Parameter createdAt: milliseconds since 1970, 0 when unknown.
    public init(
        id: Int64, content: [UInt8], createdAt: Int64, author: [UInt8]? = nil, clientOffset: [UInt8]? = nil
    ) {
        self.id = id
        self.content = content
        self.createdAt = createdAt
        self.author = author
        self.clientOffset = clientOffset
    }
}
