import Glibc
import Synchronization

/// The output of the process: texts for users on standard output, and the log on standard error.
enum Console {
    /// Writes a text that a user requested, such as the help, to standard output. Waits for the reader.
    static func print(_ text: String) {
        var bytes = Array((text + "\n").utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            guard count > 0 || errno == EINTR else { return }
            bytes = bytes.dropFirst(max(0, count))
        }
    }

    /// Writes one line to standard output. Never waits for the reader.
    static func announce(_ line: String) {
        standardOutput.withLock { $0.write(line) }
    }

    /// Writes one line to standard error, without time and name and without a rate limit, for example the reason why
    /// the process ends. Never waits for the reader.
    static func complain(_ line: String) {
        errorOutput.withLock { $0.write(LogLine.printable(line)) }
    }

    /// Replaces the current line of the terminal at standard error. Waits for the terminal.
    static func redraw(_ line: String) {
        let bytes = Array("\r\(LogLine.printable(line))\u{1B}[K".utf8)
        _ = bytes.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }

    /// Writes one line with the time, the process's name and the text to the log, unless ``LogLimit`` suppresses it.
    /// - Parameters:
    ///   - kind: lines of one kind share a limit; by default the lines of one place in the sources.
    ///   - rate: the limit of the kind.
    static func log(
        _ text: String, kind: String? = nil, _ rate: LogLimit.Rate = .event, file: StaticString = #fileID,
        line: UInt = #line
    ) {
        let kind = kind ?? "\(file):\(line)"
        guard let suppressed = limit.withLock({ $0.admit(kind, rate, at: .now) }) else { return }
        let more = suppressed == 0 ? "" : " (\(suppressed) more like this were suppressed)"
        complain("\(LogLine.timestamp(time(nil))) \(name.withLock { $0 })\(text)\(more)")
    }

    /// Sets the name of this process, which precedes the text of its lines in a log shared by several processes.
    static func setName(_ text: String) {
        name.withLock { $0 = text + ": " }
    }

    /// The number of lines that ``LogLimit`` has suppressed.
    static var suppressedLines: Int { limit.withLock { $0.suppressed } }

    private static let standardOutput = Mutex(LogOutput(to: STDOUT_FILENO))
    private static let errorOutput = Mutex(LogOutput(to: STDERR_FILENO))
    private static let limit = Mutex(LogLimit())
    private static let name = Mutex("")
}
