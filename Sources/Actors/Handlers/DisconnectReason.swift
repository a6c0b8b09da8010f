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

    init(_ reason: EngineCloseReason) {
        self = DisconnectReason(rawValue: reason.rawValue) ?? .transportClose
    }
}
