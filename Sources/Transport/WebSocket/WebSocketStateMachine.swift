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
    /// What the owner is to do, in the order given.
    public enum Action: Equatable, Sendable {
        /// Handle a text message, checked to be UTF-8.
        case text([UInt8])
        /// Handle a binary message.
        case binary([UInt8])
        /// Send this finished frame: a pong or a close.
        case send([UInt8])
        /// Note that a pong came.
        case pong
        /// Close the connection once everything is sent. The last action there is.
        case finish(WebSocketEnding)
    }

    private var decoder: WebSocketDecoder
    private var phase = WebSocketClosingPhase.open

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

    /// Takes the next bytes from the client.
    ///
    /// - Parameters:
    ///   - bytes: What was read from the socket, in pieces of any size.
    ///   - perform: Called with each action. It must not touch this state machine, whose turn is not over: collect what
    ///     may lead to `close(code:reason:)` and carry it out afterwards.
    public mutating func receive(_ bytes: RawSpan, _ perform: (Action) -> Void) {
        guard phase != .closed else { return }
        // The closure cannot reach into `self` while the decoder in it is being changed.
        var phase = phase
        do {
            try decoder.receive(bytes) { event in phase.receive(event, perform) }
        } catch {
            phase.fail(error, perform)
        }
        self.phase = phase
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
