/// The database of a run.
enum DatabaseKind {
    /// A simulated disk. Statements, commits and reads are separate steps.
    case simulated
    /// An in-memory SQLite database. Its process is never killed, because the data would be lost.
    case memory
    /// A SQLite database file.
    case file
}
