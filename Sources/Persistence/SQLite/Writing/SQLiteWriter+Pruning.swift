import CSQLite

/// A pass over the oldest messages, in several steps.
struct PruningPass {
    /// The highest id that may be deleted; nil until it is determined.
    var bound: Int64?
    /// Messages without a time up to this id are older than one that is old enough.
    var oldThrough: Int64 = 0
    /// The first message with a time in the future; nil if none was noticed.
    var futureMessage: Int64?
}

/// Deletes the oldest messages and tombstones, in short transactions between the groups.
extension SQLiteWriter {
    /// The limits of one step.
    private static let stepRows: Int64 = 256
    private static let stepBytes = 256 << 10
    /// A time that is further in the future, in milliseconds, is unknown: a clock was wrong, or another program uses
    /// another unit.
    private static let leeway: Int64 = 3600 * 1000

    /// See ``MessageStore/prune()``. Without retention only old tombstones are deleted.
    func prune() throws(StoreError) -> Pruning {
        guard options.retention != nil || hasDeleted else { return Pruning() }
        try checkUsable()
        try checkFiles()
        var pruning = Pruning()
        do throws(StoreError) {
            try statements.begin.run()
            try checkEpoch()
            let now = options.wallClock()
            let doomed =
                try options.retention.map { retention throws(StoreError) in
                    try candidates(retention, now: now)
                } ?? []
            try prune(doomed, at: now)
            pruning.through = try tombstones.through.onlyInteger()
            pruning.count = doomed.count
            pruning.futureMessage = pruningPass.futureMessage
            let code = runCommit(connection)
            guard code == SQLITE_OK else { throw connection.failure(code) }
        } catch {
            connection.rollback()
            try checkFiles()
            // What was deleted, if anything, is in the next result.
            hasDeleted = true
            throw error
        }
        try checkFiles()
        pruning.mayContinue = pruning.count > 0
        if pruning.count == 0 { pruningPass = PruningPass() } else { hasDeleted = true }
        return pruning
    }

    /// The first messages that may be deleted. A message that another program stored without a time, or that has a time
    /// in the future, is as old as the next one with a time. Otherwise it would keep all later ones.
    private func candidates(_ retention: Retention, now: Int64) throws(StoreError) -> [DoomedRow] {
        let newest = now - Int64(retention.minAge / .milliseconds(1))
        let bound = try pruningBound(retention)
        let select = statements.oldest
        var found: [DoomedRow] = []
        var oldCount = 0
        do {
            defer { select.reset() }
            try select.bind(bound, at: 1)
            try select.bind(Self.stepRows, at: 2)
            var bytes = 0
            while bytes < Self.stepBytes, try select.step() {
                var time = StoredMessage.time(select.integer(at: 1))
                if time > now + Self.leeway {
                    pruningPass.futureMessage = pruningPass.futureMessage ?? select.integer(at: 0)
                    time = 0
                }
                guard time <= newest else { break }
                let content = select.withBytes(at: 3) { Array($0) }
                bytes += content.count
                found.append(
                    DoomedRow(
                        id: select.integer(at: 0),
                        key: select.isNull(at: 2) ? nil : select.withBytes(at: 2) { Array($0) },
                        hash: SHA256.hexadecimal(content)))
                if time > 0 || select.integer(at: 0) <= pruningPass.oldThrough { oldCount = found.count }
            }
        }
        if oldCount == 0, let last = found.last {
            guard try isFollowedByOld(last.id, now: now, newest: newest) else { return [] }
            oldCount = found.count
        }
        return Array(found[..<oldCount])
    }

    /// True if the first message with a time after this one is old enough.
    private func isFollowedByOld(_ id: Int64, now: Int64, newest: Int64) throws(StoreError) -> Bool {
        let select = statements.nextWithTime
        defer { select.reset() }
        try select.bind(id, at: 1)
        try select.bind(now + Self.leeway, at: 2)
        guard try select.step(), select.integer(at: 1) <= newest else { return false }
        pruningPass.oldThrough = select.integer(at: 0)
        return true
    }

    /// The highest id that may be deleted in this pass. Messages that were not reported yet are kept.
    private func pruningBound(_ retention: Retention) throws(StoreError) -> Int64 {
        if let bound = pruningPass.bound { return bound }
        var bound = watermark
        if case .count(let count) = retention {
            bound = try rows.start(ofLatest: Int(clamping: count), through: watermark)
        }
        pruningPass.bound = bound
        return bound
    }

    private func prune(_ doomed: [DoomedRow], at now: Int64) throws(StoreError) {
        // Delete first, so that the tombstones find free pages in a database of the largest size.
        if let last = doomed.last {
            try connection.execute(
                """
                DELETE FROM messages WHERE id > 0 AND id <= \(last.id);
                DELETE FROM chatd_pruned;
                INSERT INTO chatd_pruned (through) VALUES (\(last.id));
                """)
        }
        for row in doomed { try insertTombstone(of: row, at: now) }
        let removeOld = tombstones.removeOld
        defer { removeOld.reset() }
        try removeOld.bind(now - Tombstones.lifetime, at: 1)
        try removeOld.bind(Self.stepRows, at: 2)
        _ = try removeOld.step()
    }
}
