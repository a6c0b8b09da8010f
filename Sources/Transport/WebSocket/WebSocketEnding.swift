/// How a WebSocket came to its end.
public enum WebSocketEnding: Equatable, Sendable {
    /// The client closed first; our answer is sent. `code` is nil if it gave none.
    case closedByPeer(code: WebSocketCloseCode?, reason: String)
    /// The client answered our close frame, with the code given here if it gave any.
    case closedByUs(code: WebSocketCloseCode?)
    /// The client broke the protocol or passed a limit.
    case failed(WebSocketError)
}
