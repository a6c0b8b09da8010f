/// The server's side of one WebSocket after its handshake: messages, pongs and the closing handshake.
///
/// ```
///              close(code:reason:)             peer's close
///     open ───────────────────────▶ closing ───────────────▶ closed
///       └───────────────────────────────────────────────────▶ ▲
///          peer's close (answered), or an error (close sent)
/// ```
///
/// It has no clock. The owner limits the time in which a peer must answer a close frame.
package struct WebSocketStateMachine: Sendable {
    /// An action for the owner to carry out.
    package enum Action: Equatable, Sendable {
        /// Handle a message. Text is valid UTF-8.
        case receive(ClientMessage)
        /// Send this finished frame, which is a pong.
        case send([UInt8])
        /// Close the connection after everything queued, with this close frame last if there is one. No action follows.
        case finish(Ending, closeFrame: [UInt8]?)
    }

    /// The way in which a WebSocket ended.
    package enum Ending: Equatable, Sendable {
        /// The client closed first. `code` is nil if it sent none.
        case closedByPeer(code: WebSocketCloseCode?, reason: String)
        /// The client answered our close frame. `code` is nil if it sent none.
        case closedByUs(code: WebSocketCloseCode?)
        /// The client violated the protocol or exceeded a limit.
        case failed(WebSocketError)
    }

    /// The phase of the closing handshake (RFC 6455 section 7).
    private enum Phase {
        case open
        /// Our close frame is sent, and the client's is expected.
        case closing
        case closed
    }

    private var decoder: WebSocketDecoder
    private var phase = Phase.open

    /// Makes the state after the handshake.
    ///
    /// - Parameters:
    ///   - maxMessageSize: the largest message of the client in bytes.
    ///   - maxFragments: the most frames of a message.
    package init(maxMessageSize: Int, maxFragments: Int = 131_072) {
        decoder = WebSocketDecoder(maxMessageSize: maxMessageSize, maxFragments: maxFragments)
    }

    /// True if messages may be sent: no close frame has been sent or received.
    package var isOpen: Bool {
        phase == .open
    }

    /// True if a message or the payload of a frame has arrived in part.
    var isReceivingMessage: Bool { decoder.isReceivingMessage }

    /// The memory in bytes that an unfinished message takes.
    var heldBytes: Int { decoder.heldBytes }

    /// The number of frames since the last call that completed no message.
    mutating func takeOtherFrames() -> Int {
        defer { decoder.otherFrames = 0 }
        return decoder.otherFrames
    }

    /// Processes bytes from the client up to the next action of the owner.
    ///
    /// - Parameters:
    ///   - bytes: the bytes read from the socket, in pieces of any size.
    ///   - position: the index of the first unprocessed byte; advanced by the call.
    /// - Returns: the action to carry out before the next call; nil once all `bytes` are processed.
    package mutating func next(in bytes: RawSpan, from position: inout Int) -> Action? {
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
            // Nothing may be sent after a close frame. Messages that the client sent before it received our close frame
            // are dropped.
            return nil
        }
    }

    /// Ends the connection because of the client's error, with a close frame unless one has been sent.
    private mutating func fail(_ error: WebSocketError) -> Action {
        let hasSentClose = phase != .open
        phase = .closed
        let closeFrame = WebSocketFrameEncoder.closeFrame(error.closeCode, reason: error.description)
        return .finish(.failed(error), closeFrame: hasSentClose ? nil : closeFrame)
    }

    /// Begins the closing handshake.
    ///
    /// From now on the client's messages are dropped, and nothing more may be sent.
    ///
    /// - Parameters:
    ///   - code: the status code.
    ///   - reason: an explanation for people, cut to 123 bytes of UTF-8.
    /// - Returns: the frame to send; nil if a close frame has already been sent or received.
    package mutating func close(code: WebSocketCloseCode, reason: String = "") -> [UInt8]? {
        guard phase == .open else { return nil }
        phase = .closing
        return WebSocketFrameEncoder.closeFrame(code, reason: reason)
    }
}
