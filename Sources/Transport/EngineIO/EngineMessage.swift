/// A message of an Engine.IO session.
public enum EngineMessage: Sendable, Equatable {
    /// A text message as it arrived: the first byte is the packet type `4`, the message begins behind it.
    case text([UInt8])
    case binary([UInt8])
}

/// Why an Engine.IO session is over; the raw value is the reason that applications are given.
public enum EngineCloseReason: String, Sendable {
    case transportClose = "transport close"
    case transportError = "transport error"
    case pingTimeout = "ping timeout"
    case parseError = "parse error"
    case forcedClose = "forced close"
    case serverShuttingDown = "server shutting down"
}
