import Testing

@testable import Transport

@Suite("Token bucket")
struct TokenBucketTests {
    static let start = ContinuousClock.now
    let limit = RateLimit(perSecond: 10, burst: 3)
    var bucket = TokenBucket()

    @Test("a new bucket has the whole burst, and is then empty until a token is gained")
    mutating func burst() {
        for _ in 0..<3 {
            #expect(delay() == .zero)
            take()
        }
        #expect(delay() == .milliseconds(100))
        #expect(delay(after: .milliseconds(60)) == .milliseconds(40))
        #expect(delay(after: .milliseconds(100)) == .zero)
    }

    @Test("a take of more tokens than there are leaves a debt that is paid at the rate")
    mutating func debt() {
        take(13)
        #expect(delay() == .milliseconds(1100))
        #expect(delay(after: .milliseconds(1099)) == .milliseconds(1))
        #expect(delay(after: .milliseconds(1100)) == .zero)
    }

    @Test("a pause gains no more than the burst")
    mutating func pause() {
        take(3)
        let later = Self.start + .seconds(3600)
        #expect(isFull(at: later))
        take(3, at: later)
        #expect(delay(at: later) == .milliseconds(100))
    }

    @Test(
        "over a long time, exactly the rate passes",
        arguments: [
            RateLimit(perSecond: 1, burst: 1), RateLimit(perSecond: 100, burst: 1000),
            RateLimit(perSecond: 262_144, burst: 1), RateLimit(perSecond: 3, burst: 7),
        ])
    func rate(_ limit: RateLimit) {
        var bucket = TokenBucket()
        var now = Self.start
        // The first message after the burst comes with the first token.
        let count = limit.burst + 10 * limit.perSecond
        for _ in 0..<count {
            now += bucket.delay(of: limit, at: now)
            bucket.take(1, of: limit, at: now)
        }
        let rounding = Duration.nanoseconds(count)
        #expect(abs((now - Self.start - .seconds(10)) / .nanoseconds(1)) <= rounding / .nanoseconds(1))
    }

    @Test("a debt of any size is at most ten years, and the largest burst never ends")
    mutating func extremes() {
        for _ in 0..<3 { take(.max) }
        #expect(delay() <= .seconds(10 * 365 * 86_400))
        #expect(delay() > .seconds(9 * 365 * 86_400))
        let endless = RateLimit(perSecond: 1, burst: .max)
        var bucket = TokenBucket()
        for _ in 0..<3 { bucket.take(1 << 40, of: endless, maxDebt: .seconds(1_000_000_000), at: Self.start) }
        #expect(bucket.delay(of: endless, at: Self.start) <= .seconds(1_000_000_000))
    }

    @Test("what exceeds the longest debt is forgotten")
    mutating func longestDebt() {
        bucket.take(1000, of: limit, maxDebt: .seconds(2), at: Self.start)
        #expect(delay() == .milliseconds(2100))
    }

    private func delay(after time: Duration = .zero) -> Duration { delay(at: Self.start + time) }

    private func delay(at now: ContinuousClock.Instant) -> Duration { bucket.delay(of: limit, at: now) }

    private func isFull(at now: ContinuousClock.Instant) -> Bool { bucket.isFull(at: now) }

    private mutating func take(_ tokens: Int = 1, at now: ContinuousClock.Instant = start) {
        bucket.take(tokens, of: limit, at: now)
    }
}
