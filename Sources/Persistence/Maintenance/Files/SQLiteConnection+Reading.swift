import Glibc

extension SQLiteConnection {
    /// Opens a database to read it, and leaves no file beside it that was not there.
    ///
    /// A connection for reading cannot remove the files of a write-ahead log that SQLite creates when it opens the
    /// database. One for writing does so when it is the last to close. If there is a log, another program uses it, or
    /// was killed and has left it for the next one to recover.
    static func reading(_ path: String, busyTimeout: Duration) throws(StoreError) -> SQLiteConnection {
        if access(path + "-wal", F_OK) != 0, access(path, W_OK) == 0 {
            let connection = try SQLiteConnection(path: path, mode: .readWrite, busyTimeout: busyTimeout)
            try connection.execute("PRAGMA query_only = ON")
            return connection
        }
        return try SQLiteConnection(path: path, mode: .readOnly, busyTimeout: busyTimeout)
    }
}
