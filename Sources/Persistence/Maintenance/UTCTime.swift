import Glibc

/// Points in time for people and for file names.
package enum UTCTime {
    /// In the form `2026-01-31T23:59:59Z`.
    /// - Parameter seconds: since 1970.
    package static func text(_ seconds: Int64) -> String {
        let parts = parts(seconds)
        return parts[..<3].joined(separator: "-") + "T" + parts[3...].joined(separator: ":") + "Z"
    }

    /// In the form `20260131T235959Z`.
    /// - Parameter seconds: since 1970.
    static func compactText(_ seconds: Int64) -> String {
        let parts = parts(seconds)
        return parts[..<3].joined() + "T" + parts[3...].joined() + "Z"
    }

    private static func parts(_ seconds: Int64) -> [String] {
        var seconds = time_t(seconds)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        let numbers = [
            parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec,
        ]
        return numbers.map { $0 < 10 ? "0\($0)" : "\($0)" }
    }
}
