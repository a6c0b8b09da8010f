/// A WebSocket that asks to become the transport of a polling session.
final class EngineProbe: WebSocketHandler {
    let webSocket: WebSocketConnection
    private weak var session: EngineSession?

    init(_ webSocket: WebSocketConnection, session: EngineSession) {
        self.webSocket = webSocket
        self.session = session
    }

    func webSocketReceived(_ messages: [WebSocketMessage]) {
        for (index, message) in messages.enumerated() {
            guard case .text(let text) = message else {
                session?.probeFailed()
                return
            }
            session?.probeReceived(text)
            guard let session, session.isWebSocket else { continue }
            // The upgrade is done; what the client sent behind it belongs to the session.
            let rest = Array(messages[(index + 1)...])
            if !rest.isEmpty { session.webSocketReceived(rest) }
            return
        }
    }

    func webSocketEnded(_ end: WebSocketEnd) {
        session?.probeFailed()
    }

    func webSocketDrained() {}

    func close() {
        session = nil
        webSocket.close(.normal)
    }
}
