/// Something that one of a socket's handlers is called with, in the order of arrival.
enum SocketInput {
    case connected
    case event(Event)
    case ended(DisconnectReason)
}

/// An event that a client sent.
public struct Event: Sendable {
    /// The event's name.
    public let name: String
    /// Its arguments, as they arrived.
    public let arguments: Arguments
    /// Answers the client; nil when it asked for no answer. It may be kept and called later.
    public let acknowledgement: Acknowledgement?
}
