/// The header of one client frame, read byte by byte and checked as early as possible.
///
/// It has 6 to 14 bytes: the first two as in the diagram at `WebSocketFrameEncoder`, 0, 2 or 8 bytes of extended
/// length, and four bytes of masking key.
struct WebSocketFrameHeader {
    private enum Missing {
        case opcode
        case length
        case extendedLength(bytes: UInt8)
        case maskingKey(bytes: UInt8)
        case nothing
    }

    /// The announced size of the payload in bytes.
    private(set) var payloadCount = 0
    var maskingKey = WebSocketMaskingKey()
    private(set) var opcode = WebSocketOpcode.continuation
    /// True if this frame is the last of its message.
    private(set) var isFinal = false
    private var missing = Missing.opcode

    var isComplete: Bool {
        if case .nothing = missing { true } else { false }
    }

    /// Reads the header's next byte.
    ///
    /// - Throws: a `WebSocketError` if a server must refuse the frame, regardless of the frames before it.
    mutating func receive(_ byte: UInt8) throws(WebSocketError) {
        switch missing {
        case .opcode:
            try receiveOpcode(byte)
            missing = .length
        case .length:
            missing = try receiveLength(byte)
        case .extendedLength(let bytes):
            // The check leaves 63 bits, which fit in an Int.
            guard bytes < 8 || byte < 0x80 else { throw .invalidLength }
            payloadCount = payloadCount << 8 | Int(byte)
            missing = bytes > 1 ? .extendedLength(bytes: bytes - 1) : .maskingKey(bytes: 4)
        case .maskingKey(let bytes):
            maskingKey.append(byte)
            missing = bytes > 1 ? .maskingKey(bytes: bytes - 1) : .nothing
        case .nothing:
            // The decoder gives a header bytes only until it is complete.
            preconditionFailure("the header is complete")
        }
    }

    private mutating func receiveOpcode(_ byte: UInt8) throws(WebSocketError) {
        let reservedBits = byte >> 4 & 0b111
        guard reservedBits == 0 else { throw .reservedBits(bits: reservedBits) }
        guard let opcode = WebSocketOpcode(rawValue: byte & 0x0F) else { throw .reservedOpcode(opcode: byte & 0x0F) }
        self.opcode = opcode
        isFinal = byte & 0x80 != 0
        guard isFinal || !opcode.isControl else { throw .fragmentedControlFrame(opcode) }
    }

    private mutating func receiveLength(_ byte: UInt8) throws(WebSocketError) -> Missing {
        guard byte & 0x80 != 0 else { throw .unmaskedFrame }
        let length = byte & 0x7F
        guard length <= 125 || !opcode.isControl else { throw .oversizedControlFrame(opcode) }
        switch length {
        case 126: return .extendedLength(bytes: 2)
        case 127: return .extendedLength(bytes: 8)
        default:
            payloadCount = Int(length)
            return .maskingKey(bytes: 4)
        }
    }
}
