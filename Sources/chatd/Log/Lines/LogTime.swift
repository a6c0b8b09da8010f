import Glibc

/// The time of a log line.
struct LogTime: CustomStringConvertible {
    /// Since 1970.
    let seconds: time_t
    /// From 0 to 999.
    let milliseconds: Int

    static var now: LogTime {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return LogTime(seconds: time.tv_sec, milliseconds: time.tv_nsec / 1_000_000)
    }

    /// The form `2026-01-31T23:59:59.000Z`.
    var description: String {
        let digits = String(milliseconds)
        let fraction = String(repeating: "0", count: max(0, 3 - digits.count)) + digits
        return "\(LogLine.timestamp(seconds).dropLast()).\(fraction)Z"
    }
}
