/// A transport of Engine.IO. The raw value is its name in requests.
public enum EngineTransport: String, Sendable {
    /// HTTP long-polling.
    case polling
    /// WebSocket.
    case webSocket = "websocket"
}

/// The transports that clients may use.
public enum EngineTransports: Sendable {
    /// Polling and WebSocket.
    case all
    /// Only polling.
    case polling
    /// Only WebSocket.
    case webSocket

    func contains(_ transport: EngineTransport) -> Bool {
        switch self {
        case .all: true
        case .polling: transport == .polling
        case .webSocket: transport == .webSocket
        }
    }
}
