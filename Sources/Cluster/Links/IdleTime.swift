/// Counts how long the other side does nothing.
///
/// It is looked at once an interval, and a look that comes late counts no more than another: a process that was stopped, or a
/// suspended machine, must not take its own absence for the other side's.
struct IdleTime {
    private static let looks = 10

    /// How often it is to be looked at.
    let interval: Duration
    private var count = 0

    /// - Parameter limit: how long the other side may do nothing.
    init(limit: Duration) {
        interval = limit / Self.looks
    }

    /// The other side did something.
    mutating func end() {
        count = 0
    }

    /// Counts one more interval in which it did nothing.
    /// - Returns: whether it is over the limit.
    mutating func isOver() -> Bool {
        count += 1
        return count > Self.looks
    }
}
