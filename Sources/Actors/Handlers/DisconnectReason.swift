import Transport

/// Why a socket is gone; the raw value is the text that Socket.IO applications know.
public enum DisconnectReason: String, Sendable {
    case clientNamespaceDisconnect = "client namespace disconnect"
    case serverNamespaceDisconnect = "server namespace disconnect"
    case transportClose = "transport close"
    case transportError = "transport error"
    case pingTimeout = "ping timeout"
    case parseError = "parse error"
    case serverShuttingDown = "server shutting down"
    case forcedClose = "forced close"

    /// Whether the client may come back and claim its session. One that left or was sent away may not.
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
