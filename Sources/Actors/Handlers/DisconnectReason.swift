import Transport

/// The reason why a socket disconnected. The raw value is the text that Socket.IO uses.
public enum DisconnectReason: String, Sendable {
    case clientNamespaceDisconnect = "client namespace disconnect"
    case serverNamespaceDisconnect = "server namespace disconnect"
    case transportClose = "transport close"
    case transportError = "transport error"
    case pingTimeout = "ping timeout"
    case parseError = "parse error"
    case serverShuttingDown = "server shutting down"
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
