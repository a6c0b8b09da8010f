/// A token bucket: holds up to ``RateLimit/burst`` tokens, and gains ``RateLimit/perSecond`` tokens a second.
///
/// A take needs one token in the bucket, and may take more than there are. That leaves a debt, which must be paid
/// before the next take. So a message that is larger than the burst delays the next one, and is not refused.
///
/// The state is one instant, the time at which the bucket is full again (the generic cell rate algorithm, ITU-T I.371),
/// so that millions of idle buckets need no timers. The limit is an argument, because all buckets of a kind share it.
package struct TokenBucket: Sendable {
    /// The time at which the bucket is full; nil while it is full.
    private var fullAt: ContinuousClock.Instant?

    package init() {}

    /// True if nobody can tell the bucket from a new one.
    package func isFull(at now: ContinuousClock.Instant) -> Bool {
        fullAt.map { $0 <= now } ?? true
    }

    /// Takes tokens, also more than there are.
    /// - Parameter maxDebt: the longest time until the bucket has no debt any more. What exceeds it is forgotten.
    package mutating func take(
        _ tokens: Int, of limit: RateLimit, maxDebt: Duration? = nil, at now: ContinuousClock.Instant
    ) {
        let start = fullAt.map { max($0, now) } ?? now
        fullAt = start + limit.time(for: tokens)
        guard let fullAt, let maxDebt else { return }
        self.fullAt = min(fullAt, now + limit.time(for: limit.burst) + maxDebt)
    }

    /// The time until the bucket has a token; zero if it has one.
    package func delay(of limit: RateLimit, at now: ContinuousClock.Instant) -> Duration {
        guard let fullAt, fullAt > now else { return .zero }
        return max(.zero, fullAt - now + limit.time(for: 1) - limit.time(for: limit.burst))
    }
}

extension RateLimit {
    /// The time in which this number of tokens is gained.
    fileprivate func time(for tokens: Int) -> Duration {
        Duration.seconds(tokens) / perSecond
    }
}
