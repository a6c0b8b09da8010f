/// The receiver of an Engine.IO session's events. Called on the session's loop.
public protocol EngineSessionHandler: AnyObject {
    /// Handles messages, in order of arrival.
    func sessionReceived(_ messages: [ClientMessage])
    /// The client has sent frames or packets without a message for the application, such as pings and pongs, or has
    /// repeated a POST. They are handled. Does nothing by default.
    /// - Parameters:
    ///   - otherPackets: their number.
    ///   - byteCount: the size of packets and repeated POSTs, in bytes. WebSocket's own frames, which have 125 bytes
    ///     at most, do not count.
    func sessionReceived(otherPackets: Int, byteCount: Int)
    /// The session has ended. No call follows.
    func sessionEnded(_ reason: EngineCloseReason)
    /// More than 64 KiB were waiting for the client, and now at most 64 KiB are waiting.
    func sessionDrained()
    /// The session has changed from polling to a WebSocket. Called before the first message that arrives on it. Does
    /// nothing by default.
    func sessionUpgraded()
}

extension EngineSessionHandler {
    public func sessionReceived(otherPackets: Int, byteCount: Int) {}
    public func sessionUpgraded() {}
}

/// The reason for the end of an Engine.IO session. The raw value is the reason that applications see.
public enum EngineCloseReason: String, Sendable, CaseIterable {
    /// The client closed the session or disconnected.
    case transportClose = "transport close"
    /// Reading or writing failed, the client broke a rule of the transport, or too many bytes waited for it.
    case transportError = "transport error"
    /// The client did not answer a ping in time.
    case pingTimeout = "ping timeout"
    /// The client sent an invalid packet.
    case parseError = "parse error"
    /// The server closed the session, for example because the application asked it to.
    case forcedClose = "forced close"
    /// The server is stopping.
    case serverShuttingDown = "server shutting down"
}
