/// Storing groups.
extension PostgresStore {
    /// How often a group is tried while other transactions are in its way.
    private static let maxAttempts = 3

    public func commit(_ drafts: [MessageDraft]) async throws(StoreError) -> GroupReport {
        try checkOpen()
        if let lostGroup { return try await report(lostGroup, of: drafts) }
        do throws(PostgresFailure) {
            if let problem { throw .unavailable(problem) }
            return try await store(drafts)
        } catch {
            switch error {
            case .unavailable, .replaced: throw unavailable(error)
            case .rejected(let reason):
                guard reason.blamesValues else { throw unavailable(error) }
                return try await storeInHalves(drafts, because: error)
            case .lost: return try await settle(drafts, LostGroup(watermark: watermark, storedAt: lastStoredAt))
            }
        }
    }

    func unavailable(_ error: PostgresFailure) -> StoreError {
        switch error {
        case .replaced(let reason): .databaseReplaced(database: name, reason: reason)
        case .rejected(let reason) where reason.endsStart: .databaseReplaced(database: name, reason: reason.message)
        case .unavailable, .rejected, .lost: .unavailable(database: name, reason: "\(error)")
        }
    }

    /// Stores a group with one statement. The server takes the lock only when it has everything that the group needs,
    /// so it never holds the lock while it waits for this host.
    private func store(_ drafts: [MessageDraft]) async throws(PostgresFailure) -> GroupReport {
        for attempt in 1...Self.maxAttempts {
            lastGroup += 1
            let storedAt = options.wallClock()
            lastStoredAt = storedAt
            do throws(PostgresFailure) {
                let result = try await client.run(statement(drafts, storedAt), within: Self.commitTimeout)
                let report = try PostgresGroupResult(result, of: drafts, storedAt: storedAt)
                reported(report.outcomes)
                await learn(report)
                if report.hasStored { notifier.notifyOthers() }
                return GroupReport(
                    foreignRows: report.foreignRows, outcomes: report.outcomes, isDeferred: report.isDeferred)
            } catch {
                guard case .rejected(let reason) = error, reason.blamesOthers else { throw error }
                let holders = reason.isLockTimeout ? await lockHolders() : nil
                guard attempt < Self.maxAttempts else { throw holders.map { .unavailable($0) } ?? error }
            }
        }
        // The guard above throws in the last attempt, if nothing has been returned or thrown before.
        preconditionFailure("the last attempt has returned or thrown")
    }

    private func statement(_ drafts: [MessageDraft], _ storedAt: Int64) -> PostgresStatement {
        let numbers = [lastGroup, watermark, storedAt]
        let limits = [options.foreignLimit.messages, options.foreignLimit.bytes]
        let texts: [[[UInt8]?]] = [
            drafts.map(\.clientOffset), drafts.map { $0.content }, drafts.map(\.author),
            drafts.map { $0.attribution?.storedName },
        ]
        return PostgresStatement(
            "SELECT * FROM chatd_store($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)", name: "store",
            parameters: [Array(epoch.utf8)] + numbers.map { Array("\($0)".utf8) }
                + texts.map { PostgresArray.encode($0) } + limits.map { Array("\($0)".utf8) })
    }

    /// Stores the two halves of a group one after the other, because the server has refused a value in it. So only the
    /// message with that value fails.
    private func storeInHalves(
        _ drafts: [MessageDraft], because failure: PostgresFailure
    ) async throws(StoreError) -> GroupReport {
        guard drafts.count > 1 else {
            return GroupReport(foreignRows: [], outcomes: [.refused(unavailable(failure))], isDeferred: false)
        }
        let middle = drafts.count / 2
        var report = GroupReport(foreignRows: [], outcomes: [], isDeferred: false)
        for half in [Array(drafts[..<middle]), Array(drafts[middle...])] {
            var part: GroupReport
            repeat {
                do throws(StoreError) {
                    part = try await commit(half)
                } catch {
                    // What the earlier half has stored must be published, whatever happens to this one.
                    guard !report.outcomes.isEmpty || !report.foreignRows.isEmpty, !error.endsStore else { throw error }
                    part = GroupReport(
                        foreignRows: [], outcomes: half.map { _ in .refused(error) }, isDeferred: false)
                }
                report.foreignRows += part.foreignRows
            } while part.isDeferred
            // The rows of this half come before the foreign rows that the next one finds. So they are reported with
            // these, in the order of their ids, and their senders get the same result as those of repeats.
            for outcome in part.outcomes {
                guard case .stored(let message) = outcome else {
                    report.outcomes.append(outcome)
                    continue
                }
                report.foreignRows.append(message)
                report.outcomes.append(.repeated(id: message.id))
            }
        }
        return report
    }

    public func poll() async throws(StoreError) -> [StoredMessage] {
        try checkOpen()
        notifier.keepListening()
        do throws(PostgresFailure) {
            try await checkSchema()
            return try await pollRows().rows
        } catch {
            guard case .rejected(let reason) = error, reason.isLockTimeout, let holders = await lockHolders() else {
                throw unavailable(error)
            }
            throw unavailable(.unavailable(holders))
        }
    }

    /// Reads rows above the watermark, and learns the epochs of other servers.
    /// - Returns: the rows, and whether there may be more.
    func pollRows() async throws(PostgresFailure) -> (rows: [StoredMessage], reachesEnd: Bool) {
        let values = [watermark, Int64(options.foreignLimit.messages), Int64(options.foreignLimit.bytes)]
        let poll = PostgresStatement(
            "SELECT * FROM chatd_poll($1, $2, $3, $4)", name: "poll",
            parameters: [Array(epoch.utf8)] + values.map { Array("\($0)".utf8) })
        let result = try PostgresGroupResult(try await client.run(poll, within: Self.commitTimeout))
        guard result.server == server else { throw .replaced("another server has taken over") }
        await learn(result)
        return (result.foreignRows, !result.isDeferred)
    }

    private func learn(_ result: PostgresGroupResult) async {
        if let last = result.foreignRows.last { watermark = max(watermark, last.id) }
        highestAssigned.withLock { $0 = max($0, result.highestAssigned, watermark) }
        await learnEpochs(upTo: result.newestEpoch)
    }

    private func reported(_ outcomes: [StoreOutcome]) {
        for case .stored(let message) in outcomes { watermark = max(watermark, message.id) }
    }
}

extension PostgresError {
    /// True if only a new start can go on: the server is another one, or its tables are not those of this start.
    fileprivate var endsStart: Bool { ["CH002", "CH003", "CH006"].contains(code) }

    /// True if a message is to blame (SQLSTATE classes 22, data; 23, constraint; 54, limits), or a trigger that another
    /// program has added and that discards it (CH004).
    fileprivate var blamesValues: Bool { ["22", "23", "54"].contains(code.prefix(2)) || code == "CH004" }

    /// True if another transaction is to blame: a conflict, a deadlock, or a lock that was not free in time.
    fileprivate var blamesOthers: Bool { ["40001", "40P01"].contains(code) || isLockTimeout }

    /// True if a lock was not free in time.
    fileprivate var isLockTimeout: Bool { code == "55P03" }
}
