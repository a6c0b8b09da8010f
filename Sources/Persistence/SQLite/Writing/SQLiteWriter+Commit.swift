import CSQLite

extension SQLiteWriter {
    /// Commits an attempt. On return all its rows are on the disk; if it throws `.failed`, none of them is.
    func finish(_ attempt: Attempt, of group: [MessageDraft]) throws(StoreError) {
        let code = runCommit(connection)
        guard code != SQLITE_OK else { return }
        let failure = connection.failure(code)
        if connection.isInTransaction {
            // The transaction is still open, so nothing was committed.
            connection.rollback()
            throw failure
        }
        try resolve(attempt, of: group, after: failure)
    }

    /// Finds out whether the rows are stored after a COMMIT that reported an error but ended the transaction. Blocks
    /// this thread, so that no other group starts meanwhile.
    private func resolve(
        _ attempt: Attempt, of group: [MessageDraft], after failure: StoreError
    ) throws(StoreError) {
        let deadline = options.machine.now + options.uncertainCommitPatience
        var pause = Duration.milliseconds(10)
        var reason = failure
        var isAbsent = false
        while true {
            do throws(StoreError) {
                let found = try countPresent(attempt.insertions, of: group)
                if found == attempt.insertions.count { return }
                // A transaction is atomic. If only some rows are there, another program has changed them.
                isAbsent = found == 0
                break
            } catch {
                reason = error
            }
            guard options.machine.now < deadline else { break }
            options.machine.pause(for: pause)
            pause = min(pause * 2, .seconds(1))
        }
        if isAbsent { throw failure }
        let error = StoreError.outcomeUnknown(message: "\(reason)", path: connection.path)
        permanentError = error
        throw error
    }

    /// The number of these insertions whose rows are in the database, read in one transaction.
    private func countPresent(
        _ insertions: [Attempt.Insertion], of group: [MessageDraft]
    ) throws(StoreError) -> Int {
        try connection.execute("BEGIN")
        defer { connection.rollback() }
        var count = 0
        for insertion in insertions {
            let select = statements.rowByID
            defer { select.reset() }
            try select.bind(insertion.id, at: 1)
            // The id alone proves nothing: if the group was not stored, another program may have used the id since.
            guard try select.step(), select.isEqual(at: 1, to: group[insertion.request].content) else { continue }
            let hasKey = insertion.key.map { select.isEqual(at: 0, to: $0) } ?? select.isNull(at: 0)
            count += hasKey ? 1 : 0
        }
        return count
    }
}
