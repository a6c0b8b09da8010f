/// The receiver of a WebSocket's messages and events.
public protocol WebSocketHandler: AnyObject {
    /// Handles the messages that one read completed, in order.
    func webSocketReceived(_ messages: [ClientMessage], on webSocket: WebSocketConnection)
    /// The WebSocket has ended. No call follows. Not called after ``WebSocketConnection/close(_:reason:)`` or
    /// ``WebSocketConnection/reset()``.
    func webSocketEnded(_ end: WebSocketEnd, on webSocket: WebSocketConnection)
    /// The queue was above the low-water mark of 64 KiB and fell to or below it.
    func webSocketDrained(_ webSocket: WebSocketConnection)
}

/// The reason for the end of a WebSocket.
public enum WebSocketEnd: Sendable, Equatable {
    /// The peer closed it or disconnected.
    case closedByPeer
    /// Reading or writing failed.
    case failed
    /// The peer broke the protocol.
    case protocolError
    /// The bytes that wait for the peer, or its unfinished input, exceeded the limit.
    case overflow
}
