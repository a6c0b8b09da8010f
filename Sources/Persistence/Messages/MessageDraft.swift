/// A message to be stored.
public struct MessageDraft: Sendable, Equatable {
    /// The client's own id of the message, UTF-8 without U+0000; nil if it gave none. Two drafts with the same offset
    /// and the same content are the same message.
    public let clientOffset: [UInt8]?

    /// The text, UTF-8.
    public let content: [UInt8]

    /// The author; nil if unknown. It is stored with the message and sent to clients that ask for details. Copies of a
    /// message by different authors are repeats, and the first author is kept.
    public let attribution: MessageAuthor?

    /// Creates a message to store. The properties explain the parameters.
    /// - Parameter author: the author's id in the application's own form, UTF-8; nil if unknown.
    public init(clientOffset: [UInt8]?, content: [UInt8], author: [UInt8]? = nil) {
        self.init(clientOffset: clientOffset, content: content, attribution: MessageAuthor(id: author))
    }

    /// Creates a message to store. The properties explain the parameters.
    public init(clientOffset: [UInt8]?, content: [UInt8], attribution: MessageAuthor?) {
        self.clientOffset = clientOffset
        self.content = content
        self.attribution = attribution
    }

    /// The id of the author, UTF-8; nil if unknown.
    public var author: [UInt8]? { attribution?.id }
}
