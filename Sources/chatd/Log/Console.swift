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

    /// Writes a log line, unless its level is not logged or ``LogLimit`` suppresses it.
    /// - Parameters:
    ///   - text: the message; see ``LogRecord/init(_:level:kind:fields:)``.
    ///   - kind: lines of one kind share a limit.
    ///   - rate: the limit of the kind.
    static func log(
        _ text: String, level: LogLevel = .info, kind: String, fields: [LogRecord.Field] = [],
        _ rate: LogLimit.Rate = .event
    ) {
        log(LogRecord(text, level: level, kind: kind, fields: fields), rate)
    }

    static func log(_ record: LogRecord, _ rate: LogLimit.Rate) {
        guard record.level <= options.withLock({ $0.level }) else { return }
        guard let suppressed = limit.withLock({ $0.admit(record.kind, rate, at: .now) }) else { return }
        write(record, suppressed: suppressed)
    }

    /// Writes the reason why the process ends, without a limit. In a log of text it has no time.
    static func fail(_ text: String) {
        guard options.withLock({ $0.format }) == .json else { return complain("chatd: \(text)") }
        write(LogRecord(text, level: .error, kind: "failure"), suppressed: 0)
    }

    private static func write(_ record: LogRecord, suppressed: Int) {
        let (time, name) = (LogTime.now, name.withLock { $0 })
        switch options.withLock({ $0.format }) {
        case .text:
            let line = record.text(at: time, process: name, suppressed: suppressed)
            errorOutput.withLock { $0.write(line) }
        case .json:
            let line = record.json(at: time, process: name, pid: getpid(), suppressed: suppressed)
            errorOutput.withLock {
                $0.write(line) { count in
                    LogRecord("log lines were lost: \(count)", level: .warning, kind: "lost lines")
                        .json(at: time, process: name, pid: getpid(), suppressed: 0)
                }
            }
        }
    }

    /// Sets what is logged.
    static func configure(_ new: LogOptions) {
        options.withLock { $0 = new }
    }

    /// Sets the name of this process, which precedes the text of its lines in a log shared by several processes.
    static func setName(_ text: String) {
        name.withLock { $0 = text }
    }

    /// The number of lines that ``LogLimit`` has suppressed.
    static var suppressedLines: Int { limit.withLock { $0.suppressed } }

    private static let standardOutput = Mutex(LogOutput(to: STDOUT_FILENO))
    private static let errorOutput = Mutex(LogOutput(to: STDERR_FILENO))
    private static let limit = Mutex(LogLimit())
    private static let options = Mutex(LogOptions())
    private static let name = Mutex("")
}
