/// One message to be stored.
public struct StoreRequest: Sendable, Equatable {
    /// The client's own name of the message, UTF-8 without U+0000; nil when it gave none. The same offset with the same
    /// content is the same message.
    public var clientOffset: [UInt8]?

    /// The text, UTF-8.
    public var content: [UInt8]

    public init(clientOffset: [UInt8]?, content: [UInt8]) {
        self.clientOffset = clientOffset
        self.content = content
    }
}
