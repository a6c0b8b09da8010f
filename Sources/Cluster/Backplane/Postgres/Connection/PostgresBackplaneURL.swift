import Persistence
import Transport

/// The address of a database for events: a URL of PostgreSQL that may have the parameters `prefix` and `attachments`.
struct PostgresBackplaneURL: Equatable, Sendable {
    /// The options of the official adapter of the same meanings, and their defaults.
    private static let ownParameters = ["prefix": "socket.io", "attachments": "socket_io_attachments"]
    /// The longest prefix with which the main namespace has channels, in bytes.
    private static let maxPrefix = 54

    let database: PostgresURL
    /// What the names of the channels begin with.
    let prefix: String
    /// The table for messages that are too large for a notification.
    let table: PostgresTableName

    /// Parses an URL. Missing parts come from the environment and the user of this process.
    init(_ text: String) throws(PostgresURLError) {
        var values = Self.ownParameters
        let (base, query) = Self.cut(text[...], at: "?")
        var others: [Substring] = []
        for part in (query ?? "").split(separator: "&") {
            let (name, value) = Self.cut(part, at: "=")
            if let value, values[String(name)] != nil {
                guard let decoded = PercentEncoding.decode(Array(value.utf8)[...]) else { throw .badEncoding }
                values[String(name)] = decoded
            } else {
                others.append(part)
            }
        }
        database = try PostgresURL(ofProcess: base + (others.isEmpty ? "" : "?" + others.joined(separator: "&")))
        prefix = values["prefix"] ?? ""
        guard !prefix.isEmpty, (try? PostgresChannels(prefix: prefix, namespace: "/")) != nil else {
            throw .badValue(parameter: "prefix", expected: "a text of 1 to \(Self.maxPrefix) bytes")
        }
        guard let table = PostgresTableName(values["attachments"] ?? "") else {
            throw .badValue(parameter: "attachments", expected: "the name of a table, perhaps with its schema")
        }
        self.table = table
    }

    private static func cut(_ text: Substring, at character: Character) -> (before: Substring, after: Substring?) {
        guard let index = text.firstIndex(of: character) else { return (text, nil) }
        return (text[..<index], text[text.index(after: index)...])
    }
}
