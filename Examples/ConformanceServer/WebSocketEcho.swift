import Transport

/// Turns every upgrade request into a WebSocket that echoes.
final class EchoRoute: HTTPRequestHandler {
    private static let maxMessageSize = 16 << 20

    func handle(_ exchange: HTTPExchange) {
        exchange.upgrade(maxMessageSize: Self.maxMessageSize, maxPending: 4 * Self.maxMessageSize) { webSocket in
            WebSocketEcho(webSocket)
        }
    }
}

/// Sends every message back.
final class WebSocketEcho: WebSocketHandler {
    private static let pauseMark = 1 << 20

    private let webSocket: WebSocketConnection

    init(_ webSocket: WebSocketConnection) {
        self.webSocket = webSocket
    }

    func webSocketReceived(_ messages: [WebSocketMessage]) {
        for message in messages { webSocket.send(message) }
        // Who does not take his echo is not listened to.
        if webSocket.pendingBytes > Self.pauseMark { webSocket.setReading(false) }
    }

    func webSocketEnded(_ end: WebSocketEnd) {}

    func webSocketDrained() {
        webSocket.setReading(true)
    }
}
