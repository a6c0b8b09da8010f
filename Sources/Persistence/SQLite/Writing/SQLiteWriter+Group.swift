import CSQLite

extension SQLiteWriter {
    /// A group whose statements have all run, before its COMMIT.
    struct Attempt {
        /// A row that this transaction adds.
        struct Insertion {
            let request: Int
            let id: Int64
            let key: [UInt8]?
        }

        var foreign: ForeignRows?
        var outcomes: [StoreOutcome] = []
        var insertions: [Insertion] = []
        /// The last id given, when this writer counts them itself; see ``SQLiteWriter/countsIDs``.
        var lastID: Int64?
        /// The time that the new rows carry.
        let storedAt: Int64

        /// Whether the foreign rows filled their bound, so that nothing was run.
        var isDeferred: Bool {
            foreign?.page.reachesEnd == false
        }
    }

    /// Stores a group in one transaction; see ``MessageStore/commit(_:)``.
    func commit(_ group: [MessageDraft]) throws(StoreError) -> GroupReport {
        try refuseIfLasting()
        if let request = group.firstIndex(where: { $0.clientOffset?.contains(0) == true }) {
            throw .offsetContainsNUL(request: request)
        }
        try refuseIfFilesGone()
        let attempt: Attempt
        do throws(StoreError) {
            try statements.begin.run()
            attempt = try run(group)
            if !attempt.isDeferred { try finish(attempt, of: group) }
        } catch {
            // SQLite may have ended the transaction by itself, and any further statement would commit on its own. So
            // the first error ends the group.
            connection.rollback()
            try refuseIfFilesGone()
            throw error
        }
        if attempt.isDeferred { connection.rollback() } else { doubtsIDCounter = false }
        // After the commit: whenever a file went, nobody is told that his message is safe.
        try refuseIfFilesGone()
        if let foreign = attempt.foreign { report(foreign) }
        if let last = attempt.insertions.last { watermark = max(watermark, last.id) }
        return GroupReport(
            foreignRows: attempt.foreign?.page.messages ?? [], outcomes: attempt.outcomes,
            isDeferred: attempt.isDeferred)
    }

    private func run(_ group: [MessageDraft]) throws(StoreError) -> Attempt {
        try refuseIfSuperseded()
        var attempt = Attempt(foreign: try foreignRows(), storedAt: options.wallClock())
        if attempt.isDeferred { return attempt }
        if attempt.foreign != nil || doubtsIDCounter { try raiseIDCounter() }
        if countsIDs { attempt.lastID = try highestID() }
        attempt.outcomes.reserveCapacity(group.count)
        attempt.insertions.reserveCapacity(group.count)
        for (index, draft) in group.enumerated() {
            try store(draft, at: index, in: &attempt)
        }
        return attempt
    }

    /// Stores one message under the first key that is free, unless one of the keys before it has the same content.
    ///
    /// The keys of a message are its client offset, then offset + U+0000 + SHA-256 of the content, then that with the
    /// same appended again. The third is needed only when another program has changed the row under the second; what
    /// counts is that no message is acknowledged for which there is no row with its content.
    private func store(_ draft: MessageDraft, at index: Int, in attempt: inout Attempt) throws(StoreError) {
        var key = draft.clientOffset
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

    /// - Parameter lastID: the id before the new one; nil when SQLite gives it.
    /// - Returns: the new row's id, or nil when the key is taken.
    private func insert(
        _ draft: MessageDraft, key: [UInt8]?, storedAt: Int64, after lastID: Int64?
    ) throws(StoreError) -> Int64? {
        if let lastID, lastID >= StoredMessage.maxID { throw idsExhausted() }
        let insert = statements.insert
        try insert.withText(draft.content, at: 2) { () throws(StoreError) in
            try insert.withText(key, at: 1) { () throws(StoreError) in
                try insert.withText(draft.author, at: 4) { () throws(StoreError) in
                    try insert.bind(storedAt, at: 3)
                    if let lastID { try insert.bind(lastID + 1, at: 5) }
                    _ = try insert.step()
                }
            }
        }
        guard connection.changes > 0 else { return nil }
        guard connection.lastInsertedID <= StoredMessage.maxID else {
            doubtsIDCounter = true
            throw idsExhausted()
        }
        return connection.lastInsertedID
    }

    /// - Returns: the id of the row with this key if its content is the same, else nil.
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
            message: "no message can be stored any more: one has the highest id there can be, \(StoredMessage.maxID); "
                + "delete that row",
            path: connection.path)
    }

    /// Possible only with a trigger of somebody else's on our table.
    private func neitherStoredNorFound() -> StoreError {
        .failed(code: SQLITE_CONSTRAINT, message: "a row was neither stored nor found", path: connection.path)
    }
}
