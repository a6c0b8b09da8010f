import Transport

/// The reason why a socket disconnected. The raw value is the text that Socket.IO uses.
public enum DisconnectReason: String, Sendable {
    /// The client left the namespace.
    case clientNamespaceDisconnect = "client namespace disconnect"
    /// The application disconnected the socket.
    case serverNamespaceDisconnect = "server namespace disconnect"
    /// The connection was closed.
    case transportClose = "transport close"
    /// The connection failed, or the client read too slowly.
    case transportError = "transport error"
    /// The client did not answer a ping in time.
    case pingTimeout = "ping timeout"
    /// The client sent an invalid or unexpected packet.
    case parseError = "parse error"
    /// The server is closing.
    case serverShuttingDown = "server shutting down"
    /// Another connection has resumed the session.
    case forcedClose = "forced close"

    /// True if the client may claim its session later. A client may not if it left the namespace by itself, if the
    /// server disconnected it from the namespace, or if it broke the protocol.
    var keepsSession: Bool {
        switch self {
        case .clientNamespaceDisconnect, .serverNamespaceDisconnect, .parseError: false
        case .transportClose, .transportError, .pingTimeout, .serverShuttingDown, .forcedClose: true
        }
    }

    init(_ reason: EngineCloseReason) {
        self = DisconnectReason(rawValue: reason.rawValue) ?? .transportClose
    }
}
