/// Decodes the bytes of one client into messages and control frames, however the network splits them (RFC 6455 section
/// 5).
///
/// An idle decoder allocates no memory. Otherwise its memory grows with the received bytes, up to `maxMessageSize`.
package struct WebSocketDecoder: Sendable {
    /// A complete message or control frame.
    package enum Event: Equatable, Sendable {
        /// A message. Text is valid UTF-8.
        case message(ClientMessage)
        /// A ping with a payload of at most 125 bytes, which the pong must repeat.
        case ping([UInt8])
        /// A pong, solicited or not.
        case pong([UInt8])
        /// A close frame with its code, if any, and its reason, which is valid UTF-8.
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
    /// The payload of the current control frame. The frame may arrive between two fragments of `message`.
    private var control: [UInt8] = []
    /// The number of decoded frames that completed no message: control frames, and fragments before the last one.
    var otherFrames = 0

    /// Makes a decoder at the beginning of a connection.
    ///
    /// - Parameters:
    ///   - maxMessageSize: the largest message in bytes.
    ///   - maxFragments: the most frames of a message. Empty frames do not add to its size, so they need a limit of
    ///     their own.
    package init(maxMessageSize: Int, maxFragments: Int = 131_072) {
        self.maxMessageSize = maxMessageSize
        self.maxFragments = maxFragments
    }

    /// True if a message or the payload of a frame has arrived in part.
    var isReceivingMessage: Bool {
        if case .payload = state { true } else { message.isUnfinished }
    }

    /// The memory in bytes that the unfinished message takes.
    var heldBytes: Int { message.byteCount }

    /// Decodes up to the end of the next event.
    ///
    /// Input after a close frame or an error is ignored.
    ///
    /// - Parameters:
    ///   - bytes: the bytes read from the socket, in pieces of any size.
    ///   - position: the index of the first byte that is not decoded; advanced past the event.
    /// - Returns: the event; nil if `bytes` end before the next event is complete.
    /// - Throws: a `WebSocketError`, as soon as a byte reveals the violation.
    package mutating func next(in bytes: RawSpan, from position: inout Int) throws(WebSocketError) -> Event? {
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

    /// - Returns: the event that this frame completes, if any.
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

    /// Returns the event that a frame completes; nil after a fragment that is not the last.
    private mutating func finish(_ frame: WebSocketFrameHeader) throws(WebSocketError) -> Event? {
        if !frame.opcode.isControl, frame.isFinal { return .message(try message.finish()) }
        otherFrames += 1
        guard frame.opcode.isControl else { return nil }
        let payload = control
        control = []
        switch frame.opcode {
        case .ping: return .ping(payload)
        case .pong: return .pong(payload)
        default: return try Self.close(payload)
        }
    }

    /// Parses the payload of a close frame: empty, or a code and an optional reason (RFC 6455 section 5.5.1).
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
