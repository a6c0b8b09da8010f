/// How much of something may come in a second, and how much at once.
public struct RateLimit: Sendable, Equatable {
    /// The number of units a second, on average.
    public let perSecond: Int
    /// The number of units that may come at once after a pause.
    public let burst: Int

    /// Creates a limit.
    /// - Parameters:
    ///   - perSecond: The number of units a second, at least 1 and at most 1 000 000 000.
    ///   - burst: The number of units that may come at once, at least 1.
    /// - Precondition: Both are in their range.
    public init(perSecond: Int, burst: Int) {
        precondition(Self.range.contains(perSecond), "a rate is from 1 to 1 000 000 000 a second")
        precondition(burst >= 1, "a burst is at least 1")
        self.perSecond = perSecond
        self.burst = burst
    }

    /// A limit that is this many times as high, as far as a ``TokenBucket`` can measure it.
    /// - Parameter factor: at least 1.
    package func multiplied(by factor: Int) -> RateLimit {
        func product(_ number: Int) -> Int {
            let (product, overflows) = number.multipliedReportingOverflow(by: factor)
            return overflows ? .max : product
        }
        return RateLimit(perSecond: min(Self.range.upperBound, product(perSecond)), burst: product(burst))
    }

    /// The number of tokens that are gained in this time.
    /// - Parameter time: from zero to an hour.
    package func tokens(in time: Duration) -> Int {
        let (seconds, attoseconds) = time.components
        return Int(seconds) * perSecond + Int(attoseconds / 1_000_000_000) * perSecond / 1_000_000_000
    }

    /// The rates that a ``TokenBucket`` can measure.
    static let range = 1...1_000_000_000
}

extension RateLimit: CustomStringConvertible {
    /// The limit in the form `100/1000`.
    public var description: String { "\(perSecond)/\(burst)" }
}
