/// The reason for the end of an Engine.IO session. The raw value is the reason that applications see.
public enum EngineCloseReason: String, Sendable {
    /// The client closed the session or disconnected.
    case transportClose = "transport close"
    /// Reading or writing failed, the client broke a rule of the transport, or too many bytes waited for it.
    case transportError = "transport error"
    /// The client did not answer a ping in time.
    case pingTimeout = "ping timeout"
    /// The client sent an invalid packet.
    case parseError = "parse error"
    /// The server closed the session, for example because the application asked for it.
    case forcedClose = "forced close"
    /// The server stops.
    case serverShuttingDown = "server shutting down"
}
