/// Where the messages are, as `--db` says.
enum DatabaseChoice: Equatable {
    /// An SQLite file, or ``SQLiteStore/memoryPath``.
    case sqlite(path: String)
    /// The URL of a PostgreSQL database.
    case postgres(url: String)

    init(_ text: String) {
        let isURL = ["postgres://", "postgresql://"].contains { text.hasPrefix($0) }
        self = isURL ? .postgres(url: text) : .sqlite(path: text)
    }

    /// The path of the SQLite file; nil if no file is the database.
    var file: String? {
        if case .sqlite(let path) = self, !path.hasPrefix(":") { path } else { nil }
    }

    /// True for a URL of PostgreSQL with an at sign after the host, as if a slash was too many before the user. What
    /// follows would be the name of a database, which errors show.
    static func hasMisplacedUser(_ text: String) -> Bool {
        guard case .postgres = DatabaseChoice(text), let scheme = text.firstRange(of: "://") else { return false }
        let path = text[scheme.upperBound...].prefix { $0 != "?" }.drop { $0 != "/" }
        return path.contains("@")
    }

    /// True for a text with a scheme, such as `postgres:/…` or `mysql://…`, and for one with a user and a password.
    static func looksLikeURL(_ text: String) -> Bool {
        let first = text.prefix { $0 != "/" && $0 != "\\" }
        guard first.contains(":") else { return false }
        let scheme = first.prefix { $0 != ":" }.lowercased()
        return first.hasSuffix(":") || first.contains("@") || ["postgres", "postgresql"].contains(scheme)
    }
}
