/// An event and its recipients.
public struct Broadcast: Sendable, Equatable {
    /// The namespace. A name without a leading slash is the group of dynamic namespaces that all receive the event; see
    /// ``Registration/group``. The hub replaces it by the names of the namespaces.
    public let namespace: String
    /// The rooms whose members receive the event; empty for everyone in the namespace. A socket's id names a room that
    /// contains only this socket.
    public let rooms: [String]
    /// The rooms whose members do not receive the event.
    public let exceptions: [String]
    /// The event, encoded once for all recipients.
    public let event: EncodedEvent
    /// True if the event may be dropped for clients that are not ready to receive it.
    public let isVolatile: Bool

    /// Creates a broadcast. The properties explain the parameters.
    public init(
        namespace: String, rooms: [String], exceptions: [String], event: EncodedEvent, isVolatile: Bool
    ) {
        self.namespace = namespace
        self.rooms = rooms
        self.exceptions = exceptions
        self.event = event
        self.isVolatile = isVolatile
    }

    /// Returns true if `other` has the same audience and the same volatility.
    func hasAudience(of other: Broadcast) -> Bool {
        namespace == other.namespace && rooms == other.rooms && exceptions == other.exceptions
            && isVolatile == other.isVolatile
    }
}

/// An event as Socket.IO text and the binary messages that follow it.
public struct EncodedEvent: Sendable, Equatable {
    /// The Engine.IO type byte and the packet: `42["chat message","hi"]`.
    public let text: [UInt8]
    /// The binary attachments, in the order of their placeholders in the text.
    public let attachments: [[UInt8]]

    /// The total size of the text and the attachments, in bytes.
    public var byteCount: Int { attachments.reduce(text.count) { $0 + $1.count } }

    /// Creates an event of an encoded text and its attachments.
    public init(text: [UInt8], attachments: [[UInt8]] = []) {
        self.text = text
        self.attachments = attachments
    }
}
