import Transport

/// Upgrades every request to an echoing WebSocket.
final class EchoRoute: HTTPRequestHandler {
    private static let maxMessageSize = 16 << 20

    func handle(_ exchange: HTTPExchange) {
        exchange.upgrade(maxMessageSize: Self.maxMessageSize, maxPending: 4 * Self.maxMessageSize)?
            .deliverMessages(to: WebSocketEcho())
    }
}

/// Echoes every message.
final class WebSocketEcho: WebSocketHandler {
    private static let pauseMark = 1 << 20

    func webSocketReceived(_ messages: [ClientMessage], on webSocket: WebSocketConnection) {
        for message in messages {
            switch message {
            case .text(let text): webSocket.send(Frames(utf8: text).bytes)
            case .binary(let bytes): webSocket.send(Frames(binary: bytes).bytes)
            }
        }
        // Stop reading from a client that does not read its echo.
        if webSocket.pendingBytes > Self.pauseMark { webSocket.setReading(false) }
    }

    func webSocketEnded(_ end: WebSocketEnd, on webSocket: WebSocketConnection) {}

    func webSocketDrained(_ webSocket: WebSocketConnection) {
        webSocket.setReading(true)
    }
}
