import CSQLite

extension SQLiteWriter {
    /// Refuses everything, for good, when the database or a file beside it is no longer the one that was opened: what is
    /// written then may end with this process. To be called outside a transaction, before and after each.
    func refuseIfFilesGone() throws(StoreError) {
        guard let error = filesError else { return }
        lasting = error
        throw error
    }

    private var filesError: StoreError? {
        if connection.isFileGone { return .fileGone(path: connection.path) }
        if files != nil, DatabaseFile.isEmpty(connection.path) {
            // No database that was opened becomes empty by itself, and the next to open it would drop its log.
            let saved = copy(to: connection.path + ".saved-\(opening.epochNumber)")
            return .fileFault(path: connection.path, .cut, savedIn: saved)
        }
        guard let fault = files?.fault(of: connection) else { return nil }
        return .fileFault(path: fault.path, fault.kind, savedIn: save(from: fault))
    }

    /// Brings what is committed to where a new start finds it, or an operator.
    ///
    /// - Returns: the file that has it now; nil when it could not be saved.
    private func save(from fault: WriteAheadFiles.Fault) -> String? {
        switch (fault.isLog, fault.kind) {
        case (false, _):
            // The log is whole, and recovered from by the next to open the database.
            return connection.path
        case (true, .deleted):
            // This connection still has the log open, and nobody else has made a new one yet.
            return checkpoint() ? connection.path : nil
        case (true, .replaced):
            // Whoever made the new log may write into the database at the same time, so it is left alone.
            return copy(to: connection.path + ".saved-\(opening.epochNumber)")
        case (true, .cut):
            return nil
        }
    }

    /// Copies the whole log into the database.
    private func checkpoint() -> Bool {
        var (frames, copied): (Int32, Int32) = (-1, -1)
        let code = sqlite3_wal_checkpoint_v2(connection.handle, "main", SQLITE_CHECKPOINT_FULL, &frames, &copied)
        return code == SQLITE_OK && frames == copied
    }

    /// Writes the database as this connection sees it into a new file.
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
