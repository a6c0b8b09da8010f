/// A stored message. Its id is its place in the one order that every client sees.
///
/// The same value passes from the store through the hub and the workers to each client's socket.
public struct StoredMessage: Sendable, Equatable {
    /// The row id. Ids increase in the order of commits, with gaps.
    public let id: Int64

    /// The text, valid UTF-8. Invalid bytes that another program stored are replaced by U+FFFD.
    public let content: [UInt8]

    /// The time of the commit in milliseconds since 1970; 0 if unknown, as for the rows of the Node tutorial.
    public let storedAt: Int64

    /// The author from the ``MessageDraft``; nil if unknown.
    public let attribution: MessageAuthor?

    /// The client's own id of the message, UTF-8; nil if it gave none. Several messages may have the same.
    public let clientOffset: [UInt8]?

    /// - Parameter storedAt: in milliseconds since 1970; 0 if unknown.
    public init(
        id: Int64, content: [UInt8], storedAt: Int64 = 0, author: [UInt8]? = nil, clientOffset: [UInt8]? = nil
    ) {
        self.init(
            id: id, content: content, storedAt: storedAt, attribution: MessageAuthor(id: author),
            clientOffset: clientOffset)
    }

    /// - Parameter storedAt: in milliseconds since 1970; 0 if unknown.
    public init(
        id: Int64, content: [UInt8], storedAt: Int64, attribution: MessageAuthor?, clientOffset: [UInt8]?
    ) {
        self.id = id
        self.content = content
        self.storedAt = storedAt
        self.attribution = attribution
        self.clientOffset = clientOffset
    }

    /// The id of the author, UTF-8; nil if unknown.
    public var author: [UInt8]? { attribution?.id }

    /// The message of a committed draft.
    package init(_ draft: MessageDraft, id: Int64, storedAt: Int64) {
        self.init(
            id: id, content: draft.content, storedAt: storedAt, attribution: draft.attribution,
            clientOffset: draft.clientOffset)
    }
}

/// The limits of values that clients can use. Another program may have stored values beyond them.
extension StoredMessage {
    /// The highest id of a message. Clients get ids as JSON numbers, which most of them hold as doubles: above 2⁵³ − 1
    /// different ids could become equal. Rows with a higher id, or with one below 1, are ignored.
    public static let maxID: Int64 = (1 << 53) - 1

    /// The largest size of an author or a client offset, in bytes. A longer one counts as unknown.
    public static let maxNameBytes = 1024

    /// Returns the time in milliseconds if a JavaScript date can represent it (ECMA-262, 21.4.1.1), otherwise 0.
    package static func time(_ milliseconds: Int64) -> Int64 {
        (0...8_640_000_000_000_000).contains(milliseconds) ? milliseconds : 0
    }
}
