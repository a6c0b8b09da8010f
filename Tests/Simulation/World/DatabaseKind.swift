/// Where a run's messages are stored.
enum DatabaseKind {
    /// On a disk whose statements, commits and reads are steps of their own.
    case simulated
    /// In SQLite's memory: its process never ends.
    case memory
    /// In a file of SQLite's.
    case file
}
