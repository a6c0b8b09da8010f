/// Where a connection stands in the closing handshake (RFC 6455 section 7), and what each event means there.
enum WebSocketClosingPhase {
    case open
    /// Our close frame is sent, the client's is awaited.
    case closing
    case closed

    /// Translates an event from the client into actions.
    mutating func receive(_ event: WebSocketDecoder.Event, _ perform: (WebSocketStateMachine.Action) -> Void) {
        switch (self, event) {
        case (.open, .text(let bytes)):
            perform(.text(bytes))
        case (.open, .binary(let bytes)):
            perform(.binary(bytes))
        case (.open, .ping(let payload)):
            perform(.send(WebSocketFrameEncoder.frame(opcode: .pong, payload: payload)))
        case (.open, .pong):
            perform(.pong)
        case (.open, .close(let code, let reason)):
            self = .closed
            perform(.send(WebSocketFrameEncoder.closeFrame(code)))
            perform(.finish(.closedByPeer(code: code, reason: String(decoding: reason, as: UTF8.self))))
        case (.closing, .close(let code, _)):
            self = .closed
            perform(.finish(.closedByUs(code: code)))
        case (.closing, _), (.closed, _):
            // After a close frame nothing more may be sent, and what the client sent before it saw ours comes too late.
            break
        }
    }

    /// Ends the connection because of what the client did; a close frame is sent at most once.
    mutating func fail(_ error: WebSocketError, _ perform: (WebSocketStateMachine.Action) -> Void) {
        let hasSentClose = self != .open
        self = .closed
        if !hasSentClose {
            perform(.send(WebSocketFrameEncoder.closeFrame(error.closeCode, reason: error.description)))
        }
        perform(.finish(.failed(error)))
    }
}
