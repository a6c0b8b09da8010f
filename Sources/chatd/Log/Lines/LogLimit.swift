/// Limits the rate of each kind of log line, so that a repeated event does not flood the log.
///
/// A kind may log a burst of lines at once, and then one line per interval (``Rate``). The kind's next line reports the
/// number of suppressed lines. This value uses bounded memory, and time is an argument.
struct LogLimit {
    /// The rate limit of a kind.
    struct Rate {
        /// The number of lines that may be logged at once.
        let burst: Int
        /// The time between two lines after the burst.
        let interval: Duration

        /// For rare events.
        static let event = Rate(burst: 10, interval: .seconds(10))
        /// For failures that repeat by themselves or because of clients.
        static let repeated = Rate(burst: 1, interval: .seconds(10))
        /// For reports that are made once for each origin or host, up to a maximum number of origins or hosts.
        static let occurrence = Rate(burst: 100, interval: .seconds(10))
        /// For lines about single requests of clients, which an operator has asked for.
        static let access = Rate(burst: 10_000, interval: .milliseconds(1))
        /// For lines about single mistakes of clients.
        static let detail = Rate(burst: 100, interval: .milliseconds(100))
        /// For answers to an operator's request.
        static let answer = Rate(burst: 100, interval: .milliseconds(100))
        /// For what an operator has done, which must not be missing: no limit. Nobody else can cause such a line.
        static let act = Rate(burst: .max, interval: .zero)
    }

    /// The most kinds with their own allowance. All further kinds share one allowance.
    static let maxKinds = 128

    private struct Allowance {
        /// The number of lines that could still be logged at `refilledAt`.
        var lines: Int
        var refilledAt: ContinuousClock.Instant
        var suppressed = 0
    }

    private var allowances: [String: Allowance] = [:]
    /// The number of lines suppressed since the start.
    private(set) var suppressed = 0

    /// - Returns: nil if the line is suppressed, else the number of lines of its kind suppressed since the kind's last
    ///   logged line.
    mutating func admit(_ kind: String, _ rate: Rate = .event, at now: ContinuousClock.Instant) -> Int? {
        guard rate.burst < .max else { return 0 }
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
