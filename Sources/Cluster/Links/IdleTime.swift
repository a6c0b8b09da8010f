/// Counts how long the other side of a link has been idle.
///
/// It counts ticks, and a late tick still counts as one. So a process that was stopped, or whose machine was suspended,
/// does not count its own absence as idleness of the other side.
struct IdleTime {
    private static let ticks = 10

    /// The time between ticks.
    let interval: Duration
    private var count = 0

    /// - Parameter limit: how long the other side may be idle.
    init(limit: Duration) {
        interval = limit / Self.ticks
    }

    /// Starts the count again, because the other side was active.
    mutating func reset() {
        count = 0
    }

    /// Counts one more interval in which the other side was idle.
    /// - Returns: true if the other side has been idle for longer than the limit.
    mutating func tick() -> Bool {
        count += 1
        return count > Self.ticks
    }
}
