import Persistence

/// The database of a run. What is committed is in the world's ``Disk``, which the rules look at.
protocol Database: AnyObject {
    /// Whether a new start finds what the one before has stored.
    var survivesRestart: Bool { get }

    /// Opens it for the process of a hub, and records its start.
    func open(epoch: String, number: Int) throws -> (store: any MessageStore, client: any DatabaseClient)

    /// Opens it for a worker's process.
    func openReader() throws -> (history: any History, client: any DatabaseClient)

    // MARK: Others

    /// Another program begins to write, unless one does already.
    /// - Parameter isShort: whether it commits at once.
    func writeForeignRows(_ count: Int, isShort: Bool)

    /// The other program commits.
    func endForeignTransaction()

    /// A server on another host, where the lock does not reach, records its start.
    func recordForeignStart(epoch: String)

    /// Whether a second server is refused while the first one runs.
    func refusesSecondStart() -> Bool

    /// Somebody removes the lock.
    func removeLock()

    // MARK: The end

    /// Compares what is stored with what was.
    func check()

    /// Removes it.
    func remove()
}
