import CSQLite

/// Deletes single messages, and leaves their tombstones.
extension SQLiteWriter {
    /// A row to delete.
    struct DoomedRow {
        let id: Int64
        let key: [UInt8]?
        /// The SHA-256 of the content.
        let hash: [UInt8]
    }

    /// See ``MessageStore/delete(_:)``. A row of another program that was not reported yet counts as absent.
    func delete(_ ids: [Int64]) throws(StoreError) -> Deletion {
        try checkUsable()
        try checkFiles()
        var deletion = Deletion()
        do throws(StoreError) {
            try statements.begin.run()
            try checkEpoch()
            let now = options.wallClock()
            var doomed: [DoomedRow] = []
            for id in Set(ids).sorted() {
                if let row = try doomedRow(id) { doomed.append(row) } else { deletion.absent.append(id) }
            }
            deletion.deleted = doomed.map(\.id)
            try delete(doomed, at: now)
            let code = runCommit(connection)
            guard code == SQLITE_OK else { throw connection.failure(code) }
        } catch {
            connection.rollback()
            try checkFiles()
            // The rows may be deleted all the same.
            hasDeleted = true
            throw error
        }
        try checkFiles()
        if !deletion.deleted.isEmpty { hasDeleted = true }
        return deletion
    }

    private func doomedRow(_ id: Int64) throws(StoreError) -> DoomedRow? {
        guard id >= 1, id <= watermark else { return nil }
        let select = statements.rowByID
        defer { select.reset() }
        try select.bind(id, at: 1)
        guard try select.step() else { return nil }
        return DoomedRow(
            id: id, key: select.isNull(at: 0) ? nil : select.withBytes(at: 0) { Array($0) },
            hash: SHA256.hexadecimal(select.withBytes(at: 1) { Array($0) }))
    }

    private func delete(_ doomed: [DoomedRow], at now: Int64) throws(StoreError) {
        guard !doomed.isEmpty else { return }
        let list = doomed.map { "\($0.id)" }.joined(separator: ",")
        // Delete first, so that the tombstones find free pages in a database of the largest size. The row in
        // chatd_pruned makes the next start look for tombstones.
        try connection.execute(
            """
            DELETE FROM messages WHERE id IN (\(list));
            INSERT INTO chatd_pruned (through) SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM chatd_pruned);
            """)
        for row in doomed { try insertTombstone(of: row, at: now) }
    }

    /// Records a deleted row, so that a repeat of its message is recognized. A message without a key has no repeats.
    func insertTombstone(of row: DoomedRow, at now: Int64) throws(StoreError) {
        guard let key = row.key else { return }
        let insert = tombstones.insert
        try insert.withText(key, at: 1) { () throws(StoreError) in
            try insert.withText(row.hash, at: 2) { () throws(StoreError) in
                try insert.bind(row.id, at: 3)
                try insert.bind(now, at: 4)
                _ = try insert.step()
            }
        }
    }
}
