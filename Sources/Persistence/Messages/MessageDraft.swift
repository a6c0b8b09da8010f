/// A message that is to be stored.
public struct MessageDraft: Sendable, Equatable {
    /// The client's own name of the message, UTF-8 without U+0000; nil when it gave none. The same offset with the same
    /// content is the same message.
    public let clientOffset: [UInt8]?

    /// The text, UTF-8.
    public let content: [UInt8]

    /// The author in the application's own form, UTF-8; nil when unknown. It is kept with the message, and clients that
    /// ask for details get it. It does not matter for what is a repeat: of copies by different authors the first counts.
    public let author: [UInt8]?

    public init(clientOffset: [UInt8]?, content: [UInt8], author: [UInt8]? = nil) {
        self.clientOffset = clientOffset
        self.content = content
        self.author = author
    }
}
