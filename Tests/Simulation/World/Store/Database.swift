import Persistence

/// The database of a run. The world's ``Disk`` mirrors the committed rows for the checks.
protocol Database: AnyObject {
    /// True if data survives a restart of the server.
    var survivesRestart: Bool { get }

    /// Opens the database for a hub's process and records its start.
    func open(epoch: String, number: Int) throws -> (store: any MessageStore, client: any DatabaseClient)

    /// Opens the database for a worker's process.
    func openReader() throws -> (history: any History, client: any DatabaseClient)

    // MARK: Other programs

    /// Starts a transaction of another program, unless one is open, and inserts rows.
    /// - Parameter isShort: true to commit at once.
    func writeForeignRows(_ count: Int, isShort: Bool)

    /// Commits the other program's transaction, if one is open.
    func endForeignTransaction()

    /// Records the start of a server on another host, where the lock has no effect.
    func recordForeignStart(epoch: String)

    /// Returns true if the lock refuses a second server.
    func refusesSecondStart() -> Bool

    /// Removes the lock.
    func removeLock()

    // MARK: The end

    /// Compares the stored rows with the rows seen at commit time.
    func check()

    /// Deletes the database.
    func remove()
}
