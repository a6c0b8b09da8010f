import Persistence

/// The form in which a client receives stored messages. All live clients with the same form share the encoded bytes.
public enum MessageForm: Sendable, CaseIterable {
    /// The text and the id, plus the offset if lost sessions are kept.
    case plain
    /// The text, the id and ``StoredMessage/details``, plus the offset if lost sessions are kept. The acknowledgement
    /// of a message that the client sends is `{"id": …}`.
    case detailed
}

/// How the server stores the messages of one client, and sends stored messages to it, in one namespace. Set it when the
/// client connects, and again when it resumes its session.
public struct MessageProfile: Sendable, Equatable {
    /// The form in which the client receives messages.
    public var form: MessageForm
    /// The author of the client's messages; nil if unknown. The application sets it in each ``MessageDraft``.
    public var attribution: MessageAuthor?
    /// False if a new session starts with the next message, whatever the client's `auth` asks for. A client that
    /// resumes its session receives what it has missed.
    public var readsHistory: Bool

    /// Creates the settings of a client.
    /// - Parameters:
    ///   - form: The form in which the client receives messages.
    ///   - author: The author of the client's messages, UTF-8 of at most 1024 bytes; nil if unknown.
    ///   - readsHistory: False if a new session starts with the next message.
    public init(form: MessageForm = .plain, author: [UInt8]? = nil, readsHistory: Bool = true) {
        self.init(form: form, attribution: MessageAuthor(id: author), readsHistory: readsHistory)
    }

    /// Creates the settings of a client.
    /// - Parameters:
    ///   - form: The form in which the client receives messages.
    ///   - attribution: The author of the client's messages; nil if unknown.
    ///   - readsHistory: False if a new session starts with the next message.
    public init(form: MessageForm, attribution: MessageAuthor?, readsHistory: Bool = true) {
        self.form = form
        self.attribution = attribution
        self.readsHistory = readsHistory
    }

    /// The id of the author, UTF-8; nil if unknown.
    public var author: [UInt8]? { attribution?.id }
}
