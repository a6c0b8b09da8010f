/// A violation of the protocol or a limit by a client, which ends its WebSocket.
package enum WebSocketError: Error, Equatable, Sendable {
    /// At least one of the three reserved bits is set although no extension was negotiated; `bits` is their value, 1 to
    /// 7.
    case reservedBits(bits: UInt8)
    /// The opcode is reserved.
    case reservedOpcode(opcode: UInt8)
    /// A control frame is marked as fragmented.
    case fragmentedControlFrame(WebSocketOpcode)
    /// A control frame has more than 125 bytes of payload.
    case oversizedControlFrame(WebSocketOpcode)
    /// The frame is not masked, as client frames must be.
    case unmaskedFrame
    /// A 64-bit payload length has its high bit set.
    case invalidLength
    /// A continuation frame without a message to continue.
    case unexpectedContinuation
    /// A new text or binary frame while a fragmented message is unfinished.
    case interleavedMessage
    /// The message has `size` bytes, more than the `limit`.
    case messageTooBig(size: Int, limit: Int)
    /// The message has more than `limit` fragments.
    case tooManyFragments(limit: Int)
    /// A text message is not UTF-8.
    case invalidText
    /// A close frame has a payload of one byte, which is too short for a code.
    case truncatedCloseCode
    /// A close frame has a code that endpoints must not send.
    case invalidCloseCode(code: UInt16)
    /// The reason in a close frame is not UTF-8.
    case invalidCloseReason

    /// The code of the close frame that answers the error (RFC 6455 section 7.4.1).
    package var closeCode: WebSocketCloseCode {
        switch self {
        case .reservedBits, .reservedOpcode, .fragmentedControlFrame, .oversizedControlFrame, .unmaskedFrame,
            .invalidLength, .unexpectedContinuation, .interleavedMessage, .truncatedCloseCode, .invalidCloseCode:
            .protocolError
        case .invalidText, .invalidCloseReason:
            .invalidPayload
        case .tooManyFragments:
            .policyViolation
        case .messageTooBig:
            .messageTooBig
        }
    }
}

extension WebSocketError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .reservedBits(let bits): "reserved bits \(bits) set without an extension"
        case .reservedOpcode(let opcode): "reserved opcode \(opcode)"
        case .fragmentedControlFrame(let opcode): "\(opcode) frame is fragmented"
        case .oversizedControlFrame(let opcode): "\(opcode) frame is longer than 125 bytes"
        case .unmaskedFrame: "client frame is not masked"
        case .invalidLength: "64-bit payload length with the high bit set"
        case .unexpectedContinuation: "continuation frame without a message"
        case .interleavedMessage: "new message inside a fragmented message"
        case .messageTooBig(let size, let limit): "message of \(size) bytes is over the limit of \(limit)"
        case .tooManyFragments(let limit): "message has more than \(limit) fragments"
        case .invalidText: "text message is not UTF-8"
        case .truncatedCloseCode: "close frame with a payload of 1 byte"
        case .invalidCloseCode(let code): "close code \(code) must not be sent"
        case .invalidCloseReason: "close reason is not UTF-8"
        }
    }
}
