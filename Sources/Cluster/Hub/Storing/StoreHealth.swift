import Persistence

/// Tells whether the store takes messages, from the calls that the hub makes anyway. So a health check writes nothing.
struct StoreHealth {
    /// How long a call may run, and a connection to the database be lost, before the store counts as down.
    static let patience = Duration.seconds(10)
    /// How long a failed commit counts. Afterwards, only another message can show whether the store works again, so
    /// traffic must come back.
    static let failurePeriod = Duration.seconds(30)

    /// True if the store must not be written any more.
    private var isLost = false
    /// The time of the last failed commit; nil if one has succeeded since.
    private var failedAt: ContinuousClock.Instant?
    /// The start of the running call.
    private var calledAt: ContinuousClock.Instant?
    /// The time since which there is no connection to the database.
    private var disconnectedAt: ContinuousClock.Instant?

    func isUp(at now: ContinuousClock.Instant) -> Bool {
        guard !isLost else { return false }
        if let failedAt, now - failedAt < Self.failurePeriod { return false }
        return [calledAt, disconnectedAt].allSatisfy { start in start.map { now - $0 < Self.patience } ?? true }
    }

    mutating func callBegan(at now: ContinuousClock.Instant) {
        calledAt = now
    }

    mutating func callEnded() {
        calledAt = nil
    }

    mutating func committed() {
        failedAt = nil
    }

    mutating func commitFailed(at now: ContinuousClock.Instant) {
        failedAt = now
    }

    mutating func wasLost() {
        isLost = true
    }

    mutating func noticed(_ notice: StoreNotice, at now: ContinuousClock.Instant) {
        switch notice {
        case .disconnected: disconnectedAt = disconnectedAt ?? now
        case .reconnected: disconnectedAt = nil
        case .changed: break
        }
    }
}
