/// The times at which clients are sent away: one at the beginning, the others evenly after it.
struct DrainSchedule {
    private let count: Int
    private let start: ContinuousClock.Instant
    private let period: Duration

    /// - Parameters:
    ///   - count: the number of clients.
    ///   - start: the time of the first one.
    ///   - period: the time in which all are sent away.
    init(count: Int, from start: ContinuousClock.Instant, over period: Duration) {
        self.count = count
        self.start = start
        self.period = period
    }

    /// The number of clients to be sent away until `now`.
    func due(at now: ContinuousClock.Instant) -> Int {
        guard period > .zero, now < start + period else { return count }
        return min(count, Int(max(.zero, now - start) / period * Double(count)) + 1)
    }
}
