/// The type of a frame (RFC 6455 section 5.2). The other ten values are reserved and have no case.
public enum WebSocketOpcode: UInt8, Sendable {
    /// A further fragment of the data message that a text or binary frame started.
    case continuation = 0x0
    /// UTF-8 text.
    case text = 0x1
    /// Arbitrary bytes.
    case binary = 0x2
    /// A close frame of the closing handshake.
    case close = 0x8
    /// A request for a pong with the same payload.
    case ping = 0x9
    /// The answer to a ping, or an unsolicited sign of life.
    case pong = 0xA

    /// True for a control frame. Control frames may arrive between the fragments of a message; they are short and never
    /// fragmented.
    public var isControl: Bool {
        rawValue >= 0x8
    }
}
