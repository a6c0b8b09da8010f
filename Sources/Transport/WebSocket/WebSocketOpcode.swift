/// What a frame carries (RFC 6455 section 5.2). The other ten values are reserved and have no case.
public enum WebSocketOpcode: UInt8, Sendable {
    /// A further fragment of the data message that a text or binary frame began.
    case continuation = 0x0
    /// UTF-8 text.
    case text = 0x1
    /// Arbitrary bytes.
    case binary = 0x2
    /// The closing handshake.
    case close = 0x8
    /// Asks the peer for a pong with the same payload.
    case ping = 0x9
    /// The answer to a ping, or a one-way sign of life.
    case pong = 0xA

    /// Control frames may come between the fragments of a message; they are short and never fragmented themselves.
    public var isControl: Bool {
        rawValue >= 0x8
    }
}
