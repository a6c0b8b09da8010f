import Transport

/// The outage of a broker, from the end of a connection until a message comes back. A value without I/O.
///
/// After an outage that all hosts have noticed, they come back at different times, and what is published before is lost
/// for those that are late. So they come back soon, and the first ones wait for the others.
struct Outage {
    /// The part of the patience after which nothing is waited for any more. The hub is cut off soon.
    private static let returnShare = 0.9
    /// The longest time between two attempts to connect while the patience lasts. The hosts come back within this time.
    private static let longestRetry = Duration.milliseconds(500)
    /// How long a new connection waits for hosts that may be gone for good, at least.
    private static let longestReturn = Duration.milliseconds(1500)

    private let patience: Duration
    private var start: ContinuousClock.Instant?

    /// - Parameter patience: how long the messages of a host wait for the broker.
    init(patience: Duration) {
        self.patience = patience
    }

    /// The connection has ended. If no message came back on it, the outage goes on.
    mutating func begin(at now: ContinuousClock.Instant) {
        start = start ?? now
    }

    /// A message has come back.
    mutating func end() {
        start = nil
    }

    /// The longest time until the next attempt to connect.
    func retryLimit(at now: ContinuousClock.Instant) -> Duration {
        guard let start, now - start < patience else { return ReconnectDelay.longest }
        return min(max(patience / 8, ReconnectDelay.first), Self.longestRetry)
    }

    /// Until when a connection that is ready now waits for the other hosts; nil before the first connection has ended.
    func returnDeadline(at now: ContinuousClock.Instant) -> ContinuousClock.Instant? {
        start.map { min($0 + patience * Self.returnShare, now + max(Self.longestReturn, patience / 4)) }
    }
}
