/// The data message that is arriving: its fragments so far, with its text validated up to the last byte.
struct WebSocketIncomingMessage {
    private enum Kind {
        case text
        case binary
    }

    private var bytes: [UInt8] = []
    private var fragments = 0
    private var utf8 = UTF8Validator()
    /// The type of the message; nil between messages.
    private var kind: Kind?

    /// True if more frames are expected.
    var isUnfinished: Bool { kind != nil }

    /// The number of bytes received so far.
    var byteCount: Int { bytes.count }

    /// Accepts a data frame by its header, before its payload arrives.
    ///
    /// - Parameters:
    ///   - header: the complete header of a text, binary or continuation frame.
    ///   - maxMessageSize: the largest message in bytes.
    ///   - maxFragments: the most frames of a message.
    /// - Throws: a `WebSocketError` if the frame is out of sequence or would exceed a limit.
    mutating func beginFrame(
        _ header: WebSocketFrameHeader, maxMessageSize: Int, maxFragments: Int
    ) throws(WebSocketError) {
        if header.opcode == .continuation {
            guard kind != nil else { throw .unexpectedContinuation }
        } else {
            guard kind == nil else { throw .interleavedMessage }
            kind = header.opcode == .text ? .text : .binary
        }
        guard fragments < maxFragments else { throw .tooManyFragments(limit: maxFragments) }
        fragments += 1
        let (size, overflow) = bytes.count.addingReportingOverflow(header.payloadCount)
        guard !overflow, size <= maxMessageSize else {
            throw .messageTooBig(size: overflow ? .max : size, limit: maxMessageSize)
        }
    }

    /// Appends the next piece of the current frame's payload.
    ///
    /// - Parameters:
    ///   - masked: the bytes as received.
    ///   - key: the frame's key, rotated to this piece.
    ///   - expected: the number of bytes missing from the frame, including this piece.
    /// - Throws: `WebSocketError.invalidText` at the first byte that makes the text invalid.
    mutating func append(
        _ masked: UnsafeRawBufferPointer, unmaskedWith key: inout WebSocketMaskingKey, expected: Int
    ) throws(WebSocketError) {
        let start = bytes.count
        bytes.append(unmasking: masked, with: &key, expected: expected)
        guard kind == .text else { return }
        let isValid = bytes.withUnsafeBytes { utf8.feed(UnsafeRawBufferPointer(rebasing: $0[start...])) }
        guard isValid else { throw .invalidText }
    }

    /// Returns the message after its last frame, and resets this value for the next one.
    ///
    /// - Throws: `WebSocketError.invalidText` if a text ends inside a character.
    mutating func finish() throws(WebSocketError) -> ClientMessage {
        let isText = kind == .text
        guard !isText || utf8.isComplete else { throw .invalidText }
        // Move `bytes` out, so that the receiver is its only owner.
        let message = bytes
        self = WebSocketIncomingMessage()
        return isText ? .text(message) : .binary(message)
    }
}
