/// A message to the service manager. Each is one datagram with lines of the form `NAME=VALUE` (sd_notify(3)).
enum ServiceNotification: Equatable {
    /// Clients can connect, for the first time or after a reload.
    case ready(status: String)
    /// A line that `systemctl status` shows.
    case status(String)
    /// The service begins to reload.
    /// - Parameter monotonicTime: the time of `CLOCK_MONOTONIC`. The service manager compares it with that of its
    ///   request.
    case reloading(monotonicTime: Duration)
    /// The service begins to stop.
    case stopping
    /// A sign of life.
    case watchdog

    /// The longest status in bytes.
    static let maxStatus = 500

    var bytes: [UInt8] {
        switch self {
        case .ready(let status): Self.datagram(["READY=1", "STATUS=\(Self.line(status))"])
        case .status(let status): Self.datagram(["STATUS=\(Self.line(status))"])
        case .reloading(let time):
            Self.datagram(["RELOADING=1", "MONOTONIC_USEC=\(Int64(time / .microseconds(1)))"])
        case .stopping: Self.datagram(["STOPPING=1", "STATUS=stopping"])
        case .watchdog: Self.datagram(["WATCHDOG=1"])
        }
    }

    private static func datagram(_ lines: [String]) -> [UInt8] {
        Array(lines.joined(separator: "\n").utf8)
    }

    /// The text without line ends and other control characters, which would end the value, and not longer than
    /// ``maxStatus``.
    private static func line(_ text: String) -> String {
        var line = ""
        var count = 0
        for scalar in text.unicodeScalars {
            count += scalar.utf8.count
            guard count <= maxStatus else { break }
            line.unicodeScalars.append(scalar.properties.generalCategory == .control ? " " : scalar)
        }
        return line
    }
}
