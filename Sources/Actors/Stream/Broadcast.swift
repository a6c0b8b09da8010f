/// An event and its recipients.
public struct Broadcast: Sendable, Equatable {
    public let namespace: String
    /// The rooms whose members get it; none: everyone in the namespace. A socket's id is the name of its own room.
    public let rooms: [String]
    /// The rooms whose members do not get it.
    public let exceptions: [String]
    public let event: EncodedEvent
    /// Whether a client that cannot take it now may miss it.
    public let isVolatile: Bool

    public init(
        namespace: String, rooms: [String], exceptions: [String], event: EncodedEvent, isVolatile: Bool
    ) {
        self.namespace = namespace
        self.rooms = rooms
        self.exceptions = exceptions
        self.event = event
        self.isVolatile = isVolatile
    }

    /// Whether `other` is for the same sockets.
    func hasAudience(of other: Broadcast) -> Bool {
        namespace == other.namespace && rooms == other.rooms && exceptions == other.exceptions
            && isVolatile == other.isVolatile
    }
}

/// An event as Socket.IO text, with the binary messages that follow it.
public struct EncodedEvent: Sendable, Equatable {
    /// The packet with the Engine.IO type in front, such as `42["chat message","hi"]`.
    public let text: [UInt8]
    public let attachments: [[UInt8]]

    /// The size of all of it.
    public var byteCount: Int { attachments.reduce(text.count) { $0 + $1.count } }

    public init(text: [UInt8], attachments: [[UInt8]] = []) {
        self.text = text
        self.attachments = attachments
    }
}
