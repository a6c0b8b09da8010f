/// A log line before it has a form.
struct LogRecord {
    /// A named value of a line, such as the address of a client.
    struct Field: Equatable {
        let name: String
        let value: String
        /// True for a value that is a number in JSON.
        let isNumber: Bool
        /// True for a value that the message has too, so that a line of text does not repeat it.
        let isInMessage: Bool

        init(_ name: String, _ value: String, isInMessage: Bool = false) {
            (self.name, self.value, self.isInMessage, isNumber) = (name, value, isInMessage, false)
        }

        init(_ name: String, number: String) {
            (self.name, value, isInMessage, isNumber) = (name, number, false, true)
        }
    }

    let level: LogLevel
    /// Lines of one kind share a limit.
    let kind: String
    let message: String
    let fields: [Field]

    /// - Parameters:
    ///   - text: the message. The name of a level and a colon at its beginning set the level; reports of the other
    ///     modules begin with `error:` if they are about a failure.
    ///   - level: the level of a text without such a beginning.
    init(_ text: String, level: LogLevel = .info, kind: String, fields: [Field] = []) {
        let named = LogLevel.allCases.first { text.hasPrefix("\($0.rawValue): ") }
        self.level = named ?? level
        message = named.map { String(text.dropFirst($0.rawValue.count + 2)) } ?? text
        self.kind = kind
        self.fields = fields
    }

    /// The record as a line of text, such as `2026-01-31T23:59:59Z worker 0: error: no connection`.
    /// - Parameters:
    ///   - process: the name of the process; empty if it needs none.
    ///   - suppressed: the number of lines of this kind that were suppressed since the last one.
    func text(at time: LogTime, process: String, suppressed: Int) -> String {
        let name = process.isEmpty ? "" : process + ": "
        let mark = level == .info ? "" : level.rawValue + ": "
        let more = suppressed == 0 ? "" : " (\(suppressed) more like this were suppressed)"
        let values = fields.filter { !$0.isInMessage }.map { " \($0.name)=\($0.value)" }.joined()
        return LogLine.printable("\(LogLine.timestamp(time.seconds)) \(name)\(mark)\(message)\(values)\(more)")
    }

    /// The longest kind in a line of JSON, in bytes.
    private static let maxKind = 256

    /// The record as one JSON object, shorter than ``LogLine/maxBytes``.
    /// - Parameters:
    ///   - process: the name of the process; empty for the primary one.
    ///   - pid: the id of the process.
    ///   - suppressed: the number of lines of this kind that were suppressed since the last one.
    func json(at time: LogTime, process: String, pid: Int32, suppressed: Int) -> String {
        var members = [
            ("time", LogJSON.string(time.description)), ("level", LogJSON.string(level.rawValue)),
            ("process", LogJSON.string(process.isEmpty ? "primary" : process)), ("pid", "\(pid)"),
            ("kind", LogJSON.string(kind, maxBytes: Self.maxKind)),
            ("message", LogJSON.string(message, maxBytes: LogLine.maxBytes * (fields.isEmpty ? 3 : 2) / 4)),
        ]
        // The texts among the fields share what is left of the line.
        let left = LogLine.maxBytes * 3 / 4 - min(message.utf8.count, LogLine.maxBytes / 2)
        let maxField = left / max(1, fields.count { !$0.isNumber })
        members += fields.map { ($0.name, $0.isNumber ? $0.value : LogJSON.string($0.value, maxBytes: maxField)) }
        if suppressed > 0 { members.append(("suppressed", "\(suppressed)")) }
        return "{" + members.map { "\(LogJSON.string($0.0)):\($0.1)" }.joined(separator: ",") + "}"
    }
}
