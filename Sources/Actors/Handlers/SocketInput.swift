/// An input to a socket's handlers, queued in order of arrival.
enum SocketInput {
    case connected
    case event(Event)
    case ended(DisconnectReason)
}

/// An event from a client.
public struct Event: Sendable {
    /// The event's name.
    public let name: String
    /// The event's arguments, as received.
    public let arguments: Arguments
    /// Answers the client; nil if the client expects no answer. A handler may keep it and call it later.
    public let acknowledgement: Acknowledgement?
}
