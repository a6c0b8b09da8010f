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
}
