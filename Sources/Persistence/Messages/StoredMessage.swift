/// A message in the store. Its id is its place in the one order that every client sees.
///
/// The same value goes from the store through the hub and the workers to each client's socket.
public struct StoredMessage: Sendable, Equatable {
    /// The row id: increasing in the order of commits, not dense.
    public let id: Int64

    /// The text, valid UTF-8 also when another program stored something else (such bytes are replaced by U+FFFD).
    public let content: [UInt8]

    /// The time of its commit in milliseconds since 1970; 0 when unknown, as for the rows of the Node tutorial.
    public let storedAt: Int64

    /// Its author, as its ``MessageDraft`` has it, UTF-8; nil when unknown.
    public let author: [UInt8]?

    /// The client's own name of the message, UTF-8; nil when it gave none. Several messages may have the same.
    public let clientOffset: [UInt8]?

    /// - Parameter storedAt: milliseconds since 1970, 0 when unknown.
    public init(
        id: Int64, content: [UInt8], storedAt: Int64 = 0, author: [UInt8]? = nil, clientOffset: [UInt8]? = nil
    ) {
        self.id = id
        self.content = content
        self.storedAt = storedAt
        self.author = author
        self.clientOffset = clientOffset
    }

    /// What a draft has become by its commit.
    package init(_ draft: MessageDraft, id: Int64, storedAt: Int64) {
        self.init(
            id: id, content: draft.content, storedAt: storedAt, author: draft.author,
            clientOffset: draft.clientOffset)
    }
}

/// The values that clients can use. Another program may have stored any others.
extension StoredMessage {
    /// The highest id of a message. Clients get ids as JSON numbers, which most of them hold as doubles: above 2⁵³ − 1
    /// some are equal. A row that another program has given a higher one counts as not there, as one below 1 does.
    public static let maxID: Int64 = (1 << 53) - 1

    /// A longer author or client offset, in bytes, counts as unknown.
    public static let maxNameBytes = 1024

    /// The time in milliseconds if a date in JavaScript can be it (ECMA-262, 21.4.1.1), otherwise 0.
    package static func time(_ milliseconds: Int64) -> Int64 {
        (0...8_640_000_000_000_000).contains(milliseconds) ? milliseconds : 0
    }
}
