/// The receiver of a WebSocket's messages and events.
public protocol WebSocketHandler: AnyObject {
    /// Handles the messages that one read completed, in order.
    func webSocketReceived(_ messages: [ClientMessage], on webSocket: WebSocketConnection)
    /// One read had this number of frames that completed no message, such as pings. They are handled. Does nothing by
    /// default.
    func webSocketReceived(otherFrames: Int, on webSocket: WebSocketConnection)
    /// The WebSocket has ended. No call follows. Not called after ``WebSocketConnection/close(_:reason:)`` or
    /// ``WebSocketConnection/reset()``.
    func webSocketEnded(_ end: WebSocketEnd, on webSocket: WebSocketConnection)
    /// The queue was above the low-water mark of 64 KiB and fell to or below it.
    func webSocketDrained(_ webSocket: WebSocketConnection)
}

extension WebSocketHandler {
    public func webSocketReceived(otherFrames: Int, on webSocket: WebSocketConnection) {}
}

/// The reason for the end of a WebSocket.
public enum WebSocketEnd: Sendable, Equatable {
    /// The peer closed it or disconnected.
    case closedByPeer
    /// Reading or writing failed.
    case failed
    /// The peer broke the protocol.
    case protocolError
    /// The peer sent a message over the limit.
    case messageTooLarge
    /// The bytes that wait for the peer exceeded the limit.
    case overflow
    /// The unfinished input of all connections exceeded the limit, and this one held the most.
    case inputExceeded
}
