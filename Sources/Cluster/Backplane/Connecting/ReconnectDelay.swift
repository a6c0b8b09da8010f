/// The growing time between attempts to connect.
struct ReconnectDelay {
    static let first = Duration.milliseconds(100)
    static let longest = Duration.seconds(5)

    private var delay = Duration.zero

    /// The time until the next attempt. It doubles, with up to a half of it at random, so that the hosts of a cluster
    /// do not come back together.
    /// - Parameters:
    ///   - random: 64 random bits.
    ///   - limit: the longest time.
    mutating func next(random: UInt64, atMost limit: Duration = longest) -> Duration {
        delay = delay == .zero ? Self.first : min(delay * 2, limit)
        return delay / 2 + delay / 2 * (Double(random % 1000) / 1000)
    }
}
