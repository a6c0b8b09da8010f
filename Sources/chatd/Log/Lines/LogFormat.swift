/// The form of log lines.
enum LogFormat: String, CaseIterable, Sendable {
    case text
    /// One JSON object a line.
    case json
}
