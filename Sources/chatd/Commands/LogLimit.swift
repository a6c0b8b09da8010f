/// Bounds how many lines of each kind reach the log, so that nothing that happens again and again floods it.
///
/// A kind may log a burst of lines at once, and then one in each interval (``Rate``). What was suppressed is counted, and told with
/// the kind's next line. A value in bounded memory; time is an argument.
struct LogLimit {
    /// How often a kind may be logged.
    struct Rate {
        /// How many lines may be logged at once.
        let burst: Int
        /// How long a kind that has logged its burst waits for each further line.
        let interval: Duration

        /// For what should be rare.
        static let event = Rate(burst: 10, interval: .seconds(10))
        /// For what fails again and again by itself, or because of clients.
        static let repeated = Rate(burst: 1, interval: .seconds(10))
        /// For what is reported once for each origin or host, and for so many of them at most.
        static let sighting = Rate(burst: 100, interval: .seconds(10))
        /// For what an operator asks for.
        static let answer = Rate(burst: 100, interval: .milliseconds(100))
    }

    /// So many kinds are told apart. Further ones share one allowance.
    static let maxKinds = 128

    private struct Allowance {
        /// How many lines may still be logged at `refilledAt`.
        var lines: Int
        var refilledAt: ContinuousClock.Instant
        var suppressed = 0
    }

    private var allowances: [String: Allowance] = [:]
    /// How many lines were suppressed since the start.
    private(set) var suppressed = 0

    /// - Returns: nil when the line is suppressed, else how many of its kind were since the last one.
    mutating func admit(_ kind: String, _ rate: Rate = .event, at now: ContinuousClock.Instant) -> Int? {
        let kind = allowances[kind] == nil && allowances.count >= Self.maxKinds ? "" : kind
        var allowance = allowances[kind] ?? Allowance(lines: rate.burst, refilledAt: now)
        let intervals = Int((now - allowance.refilledAt) / rate.interval)
        if allowance.lines + intervals >= rate.burst {
            allowance.lines = rate.burst
            allowance.refilledAt = now
        } else {
            allowance.lines += intervals
            allowance.refilledAt += rate.interval * intervals
        }
        defer { allowances[kind] = allowance }
        guard allowance.lines > 0 else {
            allowance.suppressed += 1
            suppressed += 1
            return nil
        }
        allowance.lines -= 1
        defer { allowance.suppressed = 0 }
        return allowance.suppressed
    }
}
