import CSQLite

/// Finds the first copy of a message among all rows and tombstones.
extension SQLiteWriter {
    /// Where a message belongs.
    enum Place {
        /// It is a repeat of the message with this id, which may be deleted.
        case repeated(id: Int64)
        /// It is new. The key is the first one that no row and no tombstone has; nil without a client offset.
        case free([UInt8]?)
    }

    /// Looks up the keys of a message; see ``store(_:at:in:)``. The second key is looked up also if the first one is
    /// free, because the first message with the offset may have been deleted and its tombstone too.
    func place(of draft: MessageDraft) throws(StoreError) -> Place {
        guard let offset = draft.clientOffset else { return .free(nil) }
        let hash = SHA256.hexadecimal(draft.content)
        var free: [UInt8]?
        var key = offset
        while true {
            switch try holder(of: key, of: draft.content, hash) {
            case .sameMessage(let id): return .repeated(id: id)
            case .otherMessage: break
            case .nobody:
                if free == nil { free = key }
                if key.count > offset.count { return .free(free) }
            }
            key += [0] + hash
        }
    }

    private enum Holder {
        case sameMessage(id: Int64)
        case otherMessage
        case nobody
    }

    private func holder(of key: [UInt8], of content: [UInt8], _ hash: [UInt8]) throws(StoreError) -> Holder {
        let (row, tombstone) = (statements.rowByOffset, tombstones.byOffset)
        let stored: Holder? = try row.withText(key, at: 1) { () throws(StoreError) in
            guard try row.step() else { return nil }
            return row.isEqual(at: 1, to: content) ? .sameMessage(id: row.integer(at: 0)) : .otherMessage
        }
        if let stored { return stored }
        return try tombstone.withText(key, at: 1) { () throws(StoreError) in
            guard try tombstone.step() else { return .nobody }
            return tombstone.isEqual(at: 1, to: hash) ? .sameMessage(id: tombstone.integer(at: 0)) : .otherMessage
        }
    }
}

/// A database that has reached its allowed size.
extension SQLiteWriter {
    /// The pages that a row may need besides its content: one in each tree, and those that splits add.
    private static let sparePages: Int64 = 64

    /// The error to report instead of one of SQLite, if the group did not fit into the allowed size.
    func sizeLimit(after error: StoreError, storing group: [MessageDraft]) -> StoreError? {
        guard let limit = options.maxSize, error.cause == .full,
            let pages = try? connection.firstInteger("PRAGMA page_count"),
            let most = try? connection.firstInteger("PRAGMA max_page_count"),
            let size = try? connection.firstInteger("PRAGMA page_size")
        else { return nil }
        let bytes = group.reduce(Int64(0)) { $0 + Int64($1.content.count + 2 * ($1.clientOffset?.count ?? 0)) }
        let needed = 2 * bytes / max(size, 1) + Self.sparePages
        return pages + needed >= most ? .sizeLimit(path: connection.path, bytes: limit) : nil
    }

    /// Stores nothing of a group, but finds its repeats, which are acknowledged all the same.
    func answerRepeats(_ group: [MessageDraft], refusing error: StoreError) throws(StoreError) -> GroupReport {
        try connection.execute("BEGIN")
        defer { connection.rollback() }
        let foreign = try foreignRows()
        try checkEpoch()
        let isDeferred = foreign?.page.reachesEnd == false
        var outcomes: [StoreOutcome] = []
        for draft in isDeferred ? [] : group { outcomes.append(try outcome(of: draft, refusedBy: error)) }
        if let foreign {
            report(foreign)
            mustRaiseIDCounter = true
        }
        return GroupReport(foreignRows: foreign?.page.messages ?? [], outcomes: outcomes, isDeferred: isDeferred)
    }

    /// The outcome of a message that cannot be stored. A repeat is acknowledged all the same.
    func outcome(of draft: MessageDraft, refusedBy error: StoreError) throws(StoreError) -> StoreOutcome {
        switch try place(of: draft) {
        case .repeated(let id): .repeated(id: id)
        case .free: .refused(error)
        }
    }
}
