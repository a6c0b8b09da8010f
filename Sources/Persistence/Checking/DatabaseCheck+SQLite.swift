import Glibc

extension DatabaseCheck {
    /// How long to wait for a lock of another program.
    private static let busyTimeout = Duration.seconds(2)

    /// Checks an SQLite file. A missing one is not created.
    /// - Parameter path: the file, or ``SQLiteStore/memoryPath``.
    package init(sqlite path: String) {
        guard path != SQLiteStore.memoryPath else {
            note("the messages are lost when the server ends")
            return
        }
        do throws(StoreError) {
            let file = try DatabaseFile(path: path)
            try checkAccess(to: file)
            if !file.isEmpty { try inspect(file.path) }
        } catch {
            fail("\(error)")
        }
    }

    private mutating func checkAccess(to file: DatabaseFile) throws(StoreError) {
        let directory = file.directory
        guard access(directory, W_OK | X_OK) == 0 else {
            // SQLite creates files beside the database too.
            throw .cannotOpen(path: file.path, reason: "the directory \(directory) is not writable")
        }
        if access(file.path, F_OK) != 0 { return note("\(file.path) does not exist and will be created") }
        guard access(file.path, W_OK) == 0 else { throw .cannotOpen(path: file.path, reason: "it is not writable") }
    }

    private mutating func inspect(_ path: String) throws(StoreError) {
        do throws(StoreError) {
            _ = try SourceLock(path: path + ".lock")
        } catch .lockedByAnotherWriter(_, let process) {
            let writer = process.map { " (process \($0))" } ?? ""
            note("a running chatd\(writer) serves \(path): another one can start when it has ended")
        }
        // Reading a database whose log is missing would create one.
        let hasLog = access(path + "-wal", F_OK) == 0
        if hasLog, access(path + "-shm", F_OK) != 0 {
            return note("\(path) was not closed: the next start recovers it, and only then checks its tables")
        }
        let connection = try SQLiteConnection(
            path: path, mode: hasLog ? .readOnly : .unchanging, busyTimeout: Self.busyTimeout)
        switch try Schema.inspect(connection) {
        case .empty: note("\(path) has no table messages, which will be created")
        case .hasAdditions(let count) where count < Schema.additionCount:
            note("the tables of \(path) are of an older version and will be extended")
        case .hasAdditions: break
        }
    }
}
