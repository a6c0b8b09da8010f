/// Turns the bytes of one client into messages and control frames, however the network cut them (RFC 6455 section 5).
///
/// An idle decoder owns no memory beyond its own size. What it allocates follows what has arrived, within
/// `maxMessageSize`.
public struct WebSocketDecoder: Sendable {
    /// Something whole that the client sent.
    public enum Event: Equatable, Sendable {
        /// A message; text is checked to be UTF-8.
        case message(ClientMessage)
        /// A ping; its payload of at most 125 bytes belongs into the pong.
        case ping([UInt8])
        /// A pong, asked for or not.
        case pong([UInt8])
        /// A close frame with its code, if it has one, and its reason, checked to be UTF-8.
        case close(code: WebSocketCloseCode?, reason: [UInt8])
    }

    private enum State {
        case header
        case payload(missing: Int)
        case ended
    }

    private let maxMessageSize: Int
    private let maxFragments: Int
    private var message = WebSocketIncomingMessage()
    private var header = WebSocketFrameHeader()
    private var state = State.header
    /// The payload of the current control frame, which may have come between two fragments of `message`.
    private var control: [UInt8] = []

    /// A decoder at the beginning of a connection.
    ///
    /// - Parameters:
    ///   - maxMessageSize: The most bytes a message may have.
    ///   - maxFragments: The most frames a message may be sent in, since empty ones cost the sender no size.
    public init(maxMessageSize: Int, maxFragments: Int = 131_072) {
        self.maxMessageSize = maxMessageSize
        self.maxFragments = maxFragments
    }

    /// Whether a message or the payload of a frame has arrived in part.
    var isReceivingMessage: Bool {
        if case .payload = state { true } else { message.isUnfinished }
    }

    /// The memory that the unfinished message takes.
    var heldBytes: Int { message.byteCount }

    /// Decodes up to the end of the next event.
    ///
    /// A close frame or an error is the end: what follows it, now or later, is ignored.
    ///
    /// - Parameters:
    ///   - bytes: What was read from the socket, in pieces of any size.
    ///   - position: The first byte that is not decoded yet; moves behind the event.
    /// - Returns: The event; nil when `bytes` are used up without completing another one.
    /// - Throws: A `WebSocketError` as soon as the input calls for one.
    public mutating func next(in bytes: RawSpan, from position: inout Int) throws(WebSocketError) -> Event? {
        do {
            return try bytes.withUnsafeBytes { (input) throws(WebSocketError) in
                try decode(input, from: &position)
            }
        } catch {
            end()
            throw error
        }
    }

    private mutating func decode(
        _ input: UnsafeRawBufferPointer, from position: inout Int
    ) throws(WebSocketError) -> Event? {
        while position < input.count {
            let missing: Int
            switch state {
            case .header:
                try header.receive(input[position])
                position += 1
                guard header.isComplete else { continue }
                try beginFrame()
                missing = header.payloadCount
            case .payload(let expected):
                let count = min(expected, input.count - position)
                let piece = UnsafeRawBufferPointer(rebasing: input[position..<position + count])
                try receivePayload(piece, missing: expected)
                position += count
                missing = expected - count
            case .ended:
                position = input.count
                return nil
            }
            if let event = try continueFrame(missing: missing) { return event }
        }
        return nil
    }

    private mutating func beginFrame() throws(WebSocketError) {
        guard !header.opcode.isControl else { return }
        try message.beginFrame(header, maxMessageSize: maxMessageSize, maxFragments: maxFragments)
    }

    private mutating func receivePayload(_ piece: UnsafeRawBufferPointer, missing: Int) throws(WebSocketError) {
        if header.opcode.isControl {
            control.append(unmasking: piece, with: &header.maskingKey, expected: missing)
        } else {
            try message.append(piece, unmaskedWith: &header.maskingKey, expected: missing)
        }
    }

    /// - Returns: the event that is complete, if nothing is missing.
    private mutating func continueFrame(missing: Int) throws(WebSocketError) -> Event? {
        guard missing == 0 else {
            state = .payload(missing: missing)
            return nil
        }
        let frame = header
        header = WebSocketFrameHeader()
        state = .header
        let event = try finish(frame)
        if case .close = event { end() }
        return event
    }

    /// The event that a frame completes; nil after a fragment that is not the last.
    private mutating func finish(_ frame: WebSocketFrameHeader) throws(WebSocketError) -> Event? {
        guard frame.opcode.isControl else {
            return frame.isFinal ? .message(try message.finish()) : nil
        }
        let payload = control
        control = []
        switch frame.opcode {
        case .ping: return .ping(payload)
        case .pong: return .pong(payload)
        default: return try Self.close(payload)
        }
    }

    /// Reads a close frame: nothing, or a code and perhaps a reason (RFC 6455 section 5.5.1).
    private static func close(_ payload: [UInt8]) throws(WebSocketError) -> Event {
        guard !payload.isEmpty else { return .close(code: nil, reason: []) }
        guard payload.count >= 2 else { throw .truncatedCloseCode }
        let number = UInt16(payload[0]) << 8 | UInt16(payload[1])
        guard let code = WebSocketCloseCode(rawValue: number) else { throw .invalidCloseCode(code: number) }
        let reason = [UInt8](payload[2...])
        guard UTF8Validator.isValid(reason) else { throw .invalidCloseReason }
        return .close(code: code, reason: reason)
    }

    private mutating func end() {
        state = .ended
        message = WebSocketIncomingMessage()
        control = []
    }
}
