/// The data message that is arriving: its fragments put together and its text checked as far as it goes.
struct WebSocketIncomingMessage {
    private enum Kind {
        case text
        case binary
    }

    private var bytes: [UInt8] = []
    private var fragments = 0
    private var utf8 = UTF8Validator()
    /// nil between messages.
    private var kind: Kind?

    /// Whether frames are still to come.
    var isUnfinished: Bool { kind != nil }

    /// How much of it has come.
    var byteCount: Int { bytes.count }

    /// Admits a data frame by its header, before any of its payload.
    ///
    /// - Parameters:
    ///   - header: The complete header of a text, binary or continuation frame.
    ///   - maxMessageSize: The most bytes a message may have.
    ///   - maxFragments: The most frames a message may have.
    /// - Throws: A `WebSocketError` if the frame does not belong here or would exceed a limit.
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

    /// Takes the next piece of the current frame's payload.
    ///
    /// - Parameters:
    ///   - masked: The bytes as they came.
    ///   - key: The frame's key, turned to this piece.
    ///   - expected: How many bytes the frame still lacks, these included.
    /// - Throws: `WebSocketError.invalidText` at the first byte that no UTF-8 text can have there.
    mutating func append(
        _ masked: UnsafeRawBufferPointer, unmaskedWith key: inout WebSocketMaskingKey, expected: Int
    ) throws(WebSocketError) {
        let start = bytes.count
        bytes.append(unmasking: masked, with: &key, expected: expected)
        guard kind == .text else { return }
        let isValid = bytes.withUnsafeBytes { utf8.feed(UnsafeRawBufferPointer(rebasing: $0[start...])) }
        guard isValid else { throw .invalidText }
    }

    /// Hands out the message after its last frame; the next one can begin.
    ///
    /// - Throws: `WebSocketError.invalidText` if a text ends in the middle of a character.
    mutating func finish() throws(WebSocketError) -> ClientMessage {
        let isText = kind == .text
        guard !isText || utf8.isComplete else { throw .invalidText }
        // `bytes` moves out, so that its receiver is the only owner.
        let message = bytes
        self = WebSocketIncomingMessage()
        return isText ? .text(message) : .binary(message)
    }
}
