import CSQLite

extension SQLiteWriter {
    /// A group whose statements have run, before its COMMIT.
    struct Attempt {
        /// A row that the transaction adds.
        struct Insertion {
            let request: Int
            let id: Int64
            let key: [UInt8]?
        }

        var foreign: ForeignRows?
        var outcomes: [StoreOutcome] = []
        var insertions: [Insertion] = []
        /// The last assigned id, if this writer assigns ids itself; see ``SQLiteWriter/assignsIDs``.
        var lastID: Int64?
        /// The time to record for the new rows, in milliseconds since 1970.
        let storedAt: Int64

        /// True if the foreign rows exceeded their limit, so that no draft was stored.
        var isDeferred: Bool {
            foreign?.page.reachesEnd == false
        }
    }

    /// Stores a group in one transaction; see ``MessageStore/commit(_:)``.
    func commit(_ group: [MessageDraft]) throws(StoreError) -> GroupReport {
        try checkUsable()
        if let request = group.firstIndex(where: { $0.clientOffset?.contains(0) == true }) {
            throw .offsetContainsNUL(request: request)
        }
        try checkFiles()
        var fitting = GroupFitting(group)
        while true {
            do throws(StoreError) {
                return try commit(group, &fitting)
            } catch {
                // The first error ends the group. SQLite may have ended the transaction by itself, and then each
                // further statement would be a transaction of its own.
                connection.rollback()
                try checkFiles()
                guard error.cause == .full, error != idsExhausted() else { throw error }
                let limit = sizeLimit(after: error, storing: group)
                fitting.exclude(because: limit ?? error)
                guard !fitting.hasCandidates else { continue }
                guard let limit else { throw error }
                return try answerRepeats(group, refusing: limit)
            }
        }
    }

    /// Stores the messages of a group that are not left out, in one transaction.
    private func commit(_ group: [MessageDraft], _ fitting: inout GroupFitting) throws(StoreError) -> GroupReport {
        try statements.begin.run()
        let attempt = try run(group, &fitting)
        if !attempt.isDeferred { try finish(attempt, of: group) }
        if attempt.isDeferred { connection.rollback() } else { mustRaiseIDCounter = false }
        // Check again after the commit, so that no message is acknowledged if a file was lost meanwhile.
        try checkFiles()
        if let foreign = attempt.foreign { report(foreign) }
        if let last = attempt.insertions.last { watermark = max(watermark, last.id) }
        return GroupReport(
            foreignRows: attempt.foreign?.page.messages ?? [], outcomes: attempt.outcomes,
            isDeferred: attempt.isDeferred)
    }

    private func run(_ group: [MessageDraft], _ fitting: inout GroupFitting) throws(StoreError) -> Attempt {
        try checkEpoch()
        var attempt = Attempt(foreign: try foreignRows(), storedAt: options.wallClock())
        if attempt.isDeferred { return attempt }
        if attempt.foreign != nil || mustRaiseIDCounter { try raiseIDCounter() }
        if assignsIDs { attempt.lastID = try highestID() }
        attempt.outcomes.reserveCapacity(group.count)
        attempt.insertions.reserveCapacity(group.count)
        for (index, draft) in group.enumerated() {
            fitting.current = index
            if let refusal = fitting.refusals[index] {
                attempt.outcomes.append(try outcome(of: draft, refusedBy: refusal))
            } else {
                try store(draft, at: index, in: &attempt)
            }
        }
        fitting.current = nil
        return attempt
    }

    /// Stores one message under its first free key, unless a row under one of the earlier keys has the same content.
    ///
    /// The first key is the client offset. The second is offset + U+0000 + SHA-256 of the content, and each later key
    /// appends U+0000 and the hash again. The third is needed only if another program has changed the row under the
    /// second. No message is acknowledged without a row of its content.
    private func store(_ draft: MessageDraft, at index: Int, in attempt: inout Attempt) throws(StoreError) {
        var key = draft.clientOffset
        if hasDeleted {
            switch try place(of: draft) {
            case .repeated(let id): return attempt.outcomes.append(.repeated(id: id))
            case .free(let free): key = free
            }
        }
        while true {
            if let id = try insert(draft, key: key, storedAt: attempt.storedAt, after: attempt.lastID) {
                if attempt.lastID != nil { attempt.lastID = id }
                attempt.outcomes.append(.stored(StoredMessage(draft, id: id, storedAt: attempt.storedAt)))
                attempt.insertions.append(Attempt.Insertion(request: index, id: id, key: key))
                return
            }
            guard let taken = key else { throw neitherStoredNorFound() }
            if let id = try idOfRow(key: taken, ifContentIs: draft.content) {
                attempt.outcomes.append(.repeated(id: id))
                return
            }
            key = taken + [0] + SHA256.hexadecimal(draft.content)
        }
    }

    /// - Parameter lastID: the id before the new one; nil if SQLite assigns the id.
    /// - Returns: the new row's id; nil if the key is taken.
    private func insert(
        _ draft: MessageDraft, key: [UInt8]?, storedAt: Int64, after lastID: Int64?
    ) throws(StoreError) -> Int64? {
        if let lastID, lastID >= StoredMessage.maxID { throw idsExhausted() }
        let insert = statements.insert
        try insert.withText(draft.content, at: 2) { () throws(StoreError) in
            try insert.withText(key, at: 1) { () throws(StoreError) in
                try insert.withText(draft.author, at: 4) { () throws(StoreError) in
                    try insert.withText(draft.attribution?.storedName, at: 6) { () throws(StoreError) in
                        try insert.bind(storedAt, at: 3)
                        if let lastID { try insert.bind(lastID + 1, at: 5) }
                        _ = try insert.step()
                    }
                }
            }
        }
        guard connection.changes > 0 else { return nil }
        guard connection.lastInsertedID <= StoredMessage.maxID else {
            mustRaiseIDCounter = true
            throw idsExhausted()
        }
        return connection.lastInsertedID
    }

    /// - Returns: the id of the row with this key if it has this content, otherwise nil.
    private func idOfRow(key: [UInt8], ifContentIs content: [UInt8]) throws(StoreError) -> Int64? {
        let select = statements.rowByOffset
        return try select.withText(key, at: 1) { () throws(StoreError) in
            guard try select.step() else { throw neitherStoredNorFound() }
            return select.isEqual(at: 1, to: content) ? select.integer(at: 0) : nil
        }
    }

    private func idsExhausted() -> StoreError {
        .failed(
            code: SQLITE_FULL,
            message: "no more messages can be stored: a row has the highest possible id, \(StoredMessage.maxID); "
                + "delete that row",
            path: connection.path)
    }

    /// Possible only if another program has added a trigger to our table.
    private func neitherStoredNorFound() -> StoreError {
        .failed(code: SQLITE_CONSTRAINT, message: "a row was neither stored nor found", path: connection.path)
    }
}
