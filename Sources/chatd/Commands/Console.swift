import Glibc
import Synchronization

/// The process's own output: what users read on standard output, and the log on standard error.
enum Console {
    /// Writes one text that a user asked for, such as the help, to standard output, and waits for its reader.
    static func print(_ text: String) {
        var bytes = Array((text + "\n").utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            guard count > 0 || errno == EINTR else { return }
            bytes = bytes.dropFirst(max(0, count))
        }
    }

    /// Writes one line to standard output without ever waiting for its reader.
    static func announce(_ line: String) {
        standardOutput.withLock { $0.write(line) }
    }

    /// Writes one line to standard error, as it is and without a limit: the reason why the process ends. Never waits for its
    /// reader.
    static func complain(_ line: String) {
        errorOutput.withLock { $0.write(LogLine.printable(line)) }
    }

    /// Writes one line to the log: the time, then the text, within ``LogLimit``.
    /// - Parameters:
    ///   - kind: which lines share a limit; by default those of one place in the sources.
    ///   - rate: how many of them may be logged.
    static func log(
        _ text: String, kind: String? = nil, _ rate: LogLimit.Rate = .event, file: StaticString = #fileID,
        line: UInt = #line
    ) {
        let kind = kind ?? "\(file):\(line)"
        guard let suppressed = limit.withLock({ $0.admit(kind, rate, at: .now) }) else { return }
        let more = suppressed == 0 ? "" : " (\(suppressed) more like this were suppressed)"
        complain("\(LogLine.timestamp(time(nil))) \(name.withLock { $0 })\(text)\(more)")
    }

    /// Says which of several processes writes to this log: its lines bear the name.
    static func setName(_ text: String) {
        name.withLock { $0 = text + ": " }
    }

    /// How many lines ``LogLimit`` has suppressed.
    static var suppressedLines: Int { limit.withLock { $0.suppressed } }

    private static let standardOutput = Mutex(LogOutput(to: STDOUT_FILENO))
    private static let errorOutput = Mutex(LogOutput(to: STDERR_FILENO))
    private static let limit = Mutex(LogLimit())
    private static let name = Mutex("")
}
