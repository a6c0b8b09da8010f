import CSQLite

extension SQLiteWriter {
    /// Throws if the database or a file beside it is no longer the one that was opened, because rows written then could
    /// be lost when this process ends. The error is permanent: later calls throw it again, and save the rows only once.
    /// Call this method before and after each transaction, never inside one.
    func checkFiles() throws(StoreError) {
        if let filesFault { throw filesFault }
        guard let error = filesError else { return }
        filesFault = error
        permanentError = error
        throw error
    }

    private var filesError: StoreError? {
        if connection.isFileGone { return .fileGone(path: connection.path) }
        if files != nil, DatabaseFile.isEmpty(connection.path) {
            // An open database never becomes empty by itself. The next program to open it would delete its log.
            let saved = copy(to: connection.path + ".saved-\(opening.epochNumber)")
            return .fileFault(path: connection.path, .truncated, savedIn: saved)
        }
        guard let fault = files?.fault(of: connection) else { return nil }
        return .fileFault(path: fault.path, fault.kind, savedIn: save(from: fault))
    }

    /// Saves the committed rows in a file where a new start or an operator finds them.
    ///
    /// - Returns: the path of that file; nil if the rows could not be saved.
    private func save(from fault: WriteAheadFiles.Fault) -> String? {
        switch (fault.isLog, fault.kind) {
        case (false, _):
            // The log is complete, and the next program to open the database recovers it.
            return connection.path
        case (true, .deleted):
            // This connection still has the log open, and no other program has created a new one yet.
            return checkpoint() ? connection.path : nil
        case (true, .replaced):
            // The program that created the new log may write to the database now, so the rows go into a copy.
            return copy(to: connection.path + ".saved-\(opening.epochNumber)")
        case (true, .truncated):
            return nil
        }
    }

    /// Copies the whole log into the database.
    private func checkpoint() -> Bool {
        var (frames, copied): (Int32, Int32) = (-1, -1)
        let code = sqlite3_wal_checkpoint_v2(connection.handle, "main", SQLITE_CHECKPOINT_FULL, &frames, &copied)
        return code == SQLITE_OK && frames == copied
    }

    /// Copies the database, as this connection sees it, into a new file.
    private func copy(to path: String) -> String? {
        do throws(StoreError) {
            let file = try DatabaseFile(path: path)
            guard file.isEmpty else { return nil }
            try file.create()
            let vacuum = try connection.prepare("VACUUM INTO ?1")
            _ = try vacuum.withText(Array(path.utf8), at: 1) { () throws(StoreError) in try vacuum.step() }
            return path
        } catch {
            return nil
        }
    }
}
