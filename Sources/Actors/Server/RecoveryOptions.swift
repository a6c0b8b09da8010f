/// The limits of connection state recovery: how long lost sessions are kept, and how many events.
public struct RecoveryOptions: Sendable, Equatable {
    /// How long a session can be claimed after its client was lost.
    public var maxDisconnectionDuration: Duration
    /// The time until the server notices a lost client: the heartbeat's interval plus its timeout. Events are kept for
    /// this time and ``maxDisconnectionDuration`` together. A server that `run` starts sets it itself.
    public var detectionTime: Duration
    /// The largest number of lost sessions. Above it the session that was lost first is deleted.
    public var maxLostSessions: Int
    /// The largest number of events that are kept.
    public var maxEvents: Int
    /// The largest total size of the kept events, in bytes.
    public var maxBytes: Int

    /// Creates limits; the defaults suit a chat of some thousand clients. The properties explain the parameters.
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

    /// How long an event is kept.
    package var retention: Duration { maxDisconnectionDuration + detectionTime }
}
