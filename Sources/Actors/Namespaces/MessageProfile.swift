import Persistence

/// The forms in which a stored message is given to clients. Whoever gets one form shares its bytes.
public enum MessageForm: Sendable, CaseIterable {
    /// Text and id, and the offset while lost sessions are kept.
    case plain
    /// Text, id and ``StoredMessage/details``, and the offset while lost sessions are kept. The acknowledgement of a
    /// message is `{"id": …}`.
    case detailed
}

/// What a client is to the stored messages of its namespace. It is asked for at each CONNECT, so a client that gets its
/// session back has what it asked for this time.
public struct MessageProfile: Sendable, Equatable {
    /// In which form it gets messages.
    public var form: MessageForm
    /// As whom it writes them, UTF-8 of at most 1024 bytes; nil when that is not known. It is for the application to put
    /// it into each ``MessageDraft``.
    public var author: [UInt8]?

    public init(form: MessageForm = .plain, author: [UInt8]? = nil) {
        self.form = form
        self.author = author
    }
}
