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

    /// True if the client may claim its session later. A client that left by itself, was disconnected by the server or
    /// broke the protocol may not.
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
