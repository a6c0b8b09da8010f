/// How long lost sessions can be recovered, and how much is remembered for it.
public struct RecoveryOptions: Sendable, Equatable {
    /// How long a session can be claimed after its client was lost.
    public var maxDisconnectionDuration: Duration
    /// How long a client may be lost before the server notices: the heartbeat's interval and timeout. Events are remembered for this
    /// and ``maxDisconnectionDuration`` together.
    public var detectionTime: Duration
    /// The most lost sessions that are kept; beyond, the one lost first is given up.
    public var maxLostSessions: Int
    /// The most events that are remembered.
    public var maxEvents: Int
    /// The most bytes of events that are remembered.
    public var maxBytes: Int

    public init(
        maxDisconnectionDuration: Duration = .seconds(120), detectionTime: Duration = .seconds(45),
        maxLostSessions: Int = 100_000, maxEvents: Int = 100_000, maxBytes: Int = 64 << 20
    ) {
        self.maxDisconnectionDuration = maxDisconnectionDuration
        self.detectionTime = detectionTime
        self.maxLostSessions = maxLostSessions
        self.maxEvents = maxEvents
        self.maxBytes = maxBytes
    }

    /// How long an event is remembered.
    var retention: Duration { maxDisconnectionDuration + detectionTime }
}
