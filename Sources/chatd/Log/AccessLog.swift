import Transport

/// Log lines about requests and WebSockets.
enum AccessLog {
    static func log(_ access: HTTPAccess) {
        Console.log(record(access), .access)
    }

    /// The longest path in a line, in bytes. Other values follow it.
    private static let maxPath = 1500

    static func record(_ access: HTTPAccess) -> LogRecord {
        let name: String
        var status: Int?
        switch access.event {
        case .request(let code?): (name, status) = ("request", code)
        case .request(nil): name = "request cut off"
        case .webSocketOpened: name = "websocket opened"
        case .webSocketClosed: name = "websocket closed"
        }
        var fields = [
            LogRecord.Field("address", access.address.isEmpty ? "unix" : access.address),
            LogRecord.Field("method", access.method),
            LogRecord.Field("path", LogLine.cut(access.path, to: maxPath)),
        ]
        if let status { fields.append(LogRecord.Field("status", number: "\(status)")) }
        fields.append(LogRecord.Field("bytes", number: "\(access.sentBytes)"))
        fields.append(LogRecord.Field("ms", number: LogReports.decimal(access.duration / .milliseconds(1))))
        if let id = access.id { fields.append(LogRecord.Field("id", id.description)) }
        return LogRecord(name, kind: "access", fields: fields)
    }
}
