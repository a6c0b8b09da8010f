/// The server's side of one WebSocket after its handshake: messages in, pongs out, and the closing handshake both ways.
///
/// ```
///              close(code:reason:)             peer's close
///     open ───────────────────────▶ closing ───────────────▶ closed
///       └───────────────────────────────────────────────────▶ ▲
///          peer's close (answered), or an error (close sent)
/// ```
///
/// How long a peer may take to answer a close frame is the owner's to decide, as is everything else with a clock.
public struct WebSocketStateMachine: Sendable {
    /// What the owner is to do.
    public enum Action: Equatable, Sendable {
        /// Handle a message; text is checked to be UTF-8.
        case receive(ClientMessage)
        /// Send this finished frame, a pong.
        case send([UInt8])
        /// Close the connection once everything is sent, this close frame last if there is one. The last action there is.
        case finish(Ending, closeFrame: [UInt8]?)
    }

    /// How a WebSocket came to its end.
    public enum Ending: Equatable, Sendable {
        /// The client closed first. `code` is nil if it gave none.
        case closedByPeer(code: WebSocketCloseCode?, reason: String)
        /// The client answered our close frame, with the code given here if it gave any.
        case closedByUs(code: WebSocketCloseCode?)
        /// The client broke the protocol or passed a limit.
        case failed(WebSocketError)
    }

    /// Where the connection stands in the closing handshake (RFC 6455 section 7).
    private enum Phase {
        case open
        /// Our close frame is sent, the client's is awaited.
        case closing
        case closed
    }

    private var decoder: WebSocketDecoder
    private var phase = Phase.open

    /// The state after the handshake's answer.
    ///
    /// - Parameters:
    ///   - maxMessageSize: The most bytes a message of the client may have.
    ///   - maxFragments: The most frames a message may be sent in.
    public init(maxMessageSize: Int, maxFragments: Int = 131_072) {
        decoder = WebSocketDecoder(maxMessageSize: maxMessageSize, maxFragments: maxFragments)
    }

    /// Whether messages may still be sent: no close frame has gone either way.
    public var isOpen: Bool {
        phase == .open
    }

    /// Whether a message or a frame has arrived in part.
    var isReceivingMessage: Bool { decoder.isReceivingMessage }

    /// The memory that an unfinished message takes.
    var heldBytes: Int { decoder.heldBytes }

    /// Takes bytes from the client up to the next thing that its owner has to do.
    ///
    /// - Parameters:
    ///   - bytes: What was read from the socket, in pieces of any size.
    ///   - position: The first byte that is not dealt with yet; moves on.
    /// - Returns: What to do before going on; nil when `bytes` are used up.
    public mutating func next(in bytes: RawSpan, from position: inout Int) -> Action? {
        while phase != .closed {
            do {
                guard let event = try decoder.next(in: bytes, from: &position) else { return nil }
                if let action = action(for: event) { return action }
            } catch {
                return fail(error)
            }
        }
        return nil
    }

    private mutating func action(for event: WebSocketDecoder.Event) -> Action? {
        switch (phase, event) {
        case (.open, .message(let message)):
            return .receive(message)
        case (.open, .ping(let payload)):
            return .send(WebSocketFrameEncoder.frame(opcode: .pong, payload: payload))
        case (.open, .close(let code, let reason)):
            phase = .closed
            return .finish(
                .closedByPeer(code: code, reason: String(decoding: reason, as: UTF8.self)),
                closeFrame: WebSocketFrameEncoder.closeFrame(code))
        case (.closing, .close(let code, _)):
            phase = .closed
            return .finish(.closedByUs(code: code), closeFrame: nil)
        case (.open, .pong), (.closing, _), (.closed, _):
            // After a close frame nothing more may be sent, and what the client sent before it saw ours comes too late.
            return nil
        }
    }

    /// Ends the connection because of what the client did; a close frame is sent at most once.
    private mutating func fail(_ error: WebSocketError) -> Action {
        let hasSentClose = phase != .open
        phase = .closed
        let closeFrame = WebSocketFrameEncoder.closeFrame(error.closeCode, reason: error.description)
        return .finish(.failed(error), closeFrame: hasSentClose ? nil : closeFrame)
    }

    /// Begins the closing handshake.
    ///
    /// From now on messages from the client are dropped and nothing more may be sent.
    ///
    /// - Parameters:
    ///   - code: Why.
    ///   - reason: An explanation for people, cut to the 123 bytes of UTF-8 that fit.
    /// - Returns: The frame to send, or nil if a close frame has already gone either way.
    public mutating func close(code: WebSocketCloseCode, reason: String = "") -> [UInt8]? {
        guard phase == .open else { return nil }
        phase = .closing
        return WebSocketFrameEncoder.closeFrame(code, reason: reason)
    }
}
