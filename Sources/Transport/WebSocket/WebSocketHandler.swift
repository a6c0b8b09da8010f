/// What lives on top of a WebSocket.
public protocol WebSocketHandler: AnyObject {
    /// The messages that one read completed, in order.
    func webSocketReceived(_ messages: [ClientMessage], on webSocket: WebSocketConnection)
    /// The WebSocket is over; nothing follows. Not called when this side closed it.
    func webSocketEnded(_ end: WebSocketEnd, on webSocket: WebSocketConnection)
    /// A queue that was over the low-water mark of 64 KiB fell below it.
    func webSocketDrained(_ webSocket: WebSocketConnection)
}

/// How a WebSocket ended.
public enum WebSocketEnd: Sendable, Equatable {
    /// The peer closed it or went away.
    case closedByPeer
    /// Reading or writing failed.
    case failed
    /// The peer broke the protocol.
    case protocolError
    /// More than the limit of bytes waited for the peer.
    case overflow
}
