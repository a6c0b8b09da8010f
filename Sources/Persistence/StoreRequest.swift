/// One message to be stored.
public struct StoreRequest: Sendable, Equatable {
    /// The client's own name of the message, UTF-8 without U+0000; nil when it gave none. The same offset with the same
    /// content is the same message.
    public var clientOffset: [UInt8]?

    /// The text, UTF-8.
    public var content: [UInt8]

    /// Who wrote it, in whatever form the caller knows authors, UTF-8; nil when unknown. It is kept with the row and
    /// does not matter for what is a repeat: of copies by different authors the first counts.
    public var author: [UInt8]?

    public init(clientOffset: [UInt8]?, content: [UInt8], author: [UInt8]? = nil) {
        self.clientOffset = clientOffset
        self.content = content
        self.author = author
    }
}
