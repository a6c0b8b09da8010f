/// What a process logs, and in which form.
struct LogOptions: Equatable, Sendable {
    /// The least important lines that are logged.
    var level = LogLevel.info
    var format = LogFormat.text
    /// True to log each request and each WebSocket.
    var hasAccessLog = false
}
