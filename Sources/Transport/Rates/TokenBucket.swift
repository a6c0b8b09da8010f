/// A token bucket: holds up to ``RateLimit/burst`` tokens, and gains ``RateLimit/perSecond`` tokens a second.
///
/// A take needs one token in the bucket, and may take more than there are. That leaves a debt, which must be paid
/// before the next take. So a message that is larger than the burst delays the next one, and is not refused.
///
/// The state is one time, at which the bucket is full again (the generic cell rate algorithm, ITU-T I.371), so that
/// millions of idle buckets need no timers and eight bytes each. The limit is an argument, because all buckets of a
/// kind share it.
package struct TokenBucket: Sendable {
    /// The time at which the bucket is full, in nanoseconds of the clock.
    private var fullAt = Int64.min

    package init() {}

    /// True if nobody can tell the bucket from a new one.
    package func isFull(at now: ContinuousClock.Instant) -> Bool {
        fullAt <= now.nanoseconds
    }

    /// Takes tokens, also more than there are.
    /// - Parameter maxDebt: the longest time until the bucket has no debt any more. What exceeds it is forgotten, and
    ///   so is what exceeds ten years.
    package mutating func take(
        _ tokens: Int, of limit: RateLimit, maxDebt: Duration? = nil, at now: ContinuousClock.Instant
    ) {
        let now = now.nanoseconds
        let latest = now + (maxDebt.map { limit.fillTime + $0.wholeNanoseconds } ?? RateLimit.longestTime)
        fullAt = min(max(fullAt, now) + limit.nanoseconds(for: tokens), latest)
    }

    /// The time until the bucket has a token; zero if it has one.
    package func delay(of limit: RateLimit, at now: ContinuousClock.Instant) -> Duration {
        let now = now.nanoseconds
        guard fullAt > now else { return .zero }
        return .nanoseconds(max(0, fullAt - now + limit.nanoseconds(for: 1) - limit.fillTime))
    }
}

extension RateLimit {
    /// Ten years, in nanoseconds. Sums of a few times of this size do not overflow.
    fileprivate static let longestTime: Int64 = 10 * 365 * 86_400 * 1_000_000_000

    /// The time in which an empty bucket is filled, in nanoseconds.
    fileprivate var fillTime: Int64 { nanoseconds(for: burst) }

    /// The time in which this number of tokens is gained, in nanoseconds; at most ``longestTime``.
    fileprivate func nanoseconds(for tokens: Int) -> Int64 {
        let (high, low) = UInt64(tokens).multipliedFullWidth(by: 1_000_000_000)
        let rate = UInt64(perSecond)
        guard high < rate else { return Self.longestTime }
        return Int64(min(UInt64(Self.longestTime), rate.dividingFullWidth((high, low)).quotient))
    }
}

extension ContinuousClock.Instant {
    /// The nanoseconds since the clock's epoch.
    fileprivate var nanoseconds: Int64 {
        (self - ContinuousClock().systemEpoch).wholeNanoseconds
    }
}

extension Duration {
    /// The duration in nanoseconds.
    fileprivate var wholeNanoseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }
}
