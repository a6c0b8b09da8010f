import Transport

/// A group whose result was lost with the connection: it is settled whether it was stored before anything else is done.
extension PostgresStore {
    /// How long the server may take to end the earlier session.
    private static let terminationTimeout = Duration.seconds(10)
    /// The time between two questions to a server that does not answer.
    private static let retryDelay = Duration.milliseconds(100)

    /// Finds out whether the group was committed, and stores it if not. Repeats this until the server answers or the
    /// store is closed.
    func settle(_ drafts: [MessageDraft]) async throws(StoreError) -> GroupReport {
        let lost = await client.backend
        let committed = try await patiently { () throws(PostgresFailure) in
            try await self.lastCommittedGroup(after: lost)
        }
        // If it is not committed now, nothing of it is stored, nor ever will be.
        guard committed == lastGroup else { return try await commit(drafts) }
        isReportingLostGroup = true
        return try await reportLostGroup(count: drafts.count)
    }

    /// The number of this server's last committed group, read when the earlier session has certainly ended. The lock
    /// alone proves nothing: a session that had not read its bytes yet would commit after it.
    private func lastCommittedGroup(
        after lost: PostgresClient.Backend?
    ) async throws(PostgresFailure) -> Int64 {
        if let lost {
            let terminate = PostgresStatement(
                """
                SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
                WHERE pid = $1::int AND backend_start = $2::timestamptz AND pid <> pg_backend_pid()
                """, parameters: [lost.process, lost.startedAt])
            let result = try await client.run(terminate, within: Self.terminationTimeout)
            guard result.rows.allSatisfy({ $0.first == Array("t".utf8) }) else {
                throw .unavailable("the earlier session has not ended")
            }
        }
        let read = PostgresStatement("SELECT chatd_last_group($1)", parameters: [Array(epoch.utf8)])
        let result = try await client.run(read, within: Self.commitTimeout)
        return try result.rows.first.map { row throws(PostgresFailure) in try PostgresRow(row).integer(0) } ?? 0
    }

    /// Reports the rows of a group that was committed although its result was lost, together with those of others. Its
    /// messages then count as repeats of these rows. Deferred until all rows are reported.
    func reportLostGroup(count: Int) async throws(StoreError) -> GroupReport {
        let (rows, reachesEnd) = try await patiently { () throws(PostgresFailure) in try await self.pollRows() }
        isReportingLostGroup = !reachesEnd
        let outcomes = reachesEnd ? Array(repeating: StoreOutcome.repeated(id: watermark), count: count) : []
        return GroupReport(foreignRows: rows, outcomes: outcomes, isDeferred: !reachesEnd)
    }

    /// Repeats a call until it succeeds or the store is closed.
    private func patiently<Value>(
        _ call: () async throws(PostgresFailure) -> Value
    ) async throws(StoreError) -> Value {
        while true {
            if mustNotWait { throw .closed }
            do throws(PostgresFailure) {
                return try await call()
            } catch {
                let failure = unavailable(error)
                if failure.endsStore { throw failure }
            }
            await loop.pause(for: Self.retryDelay)
        }
    }
}
