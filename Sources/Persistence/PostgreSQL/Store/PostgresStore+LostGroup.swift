import Transport

/// A group whose result was lost with the connection: it is settled whether it was stored before anything else is done.
extension PostgresStore {
    /// How long the server may take to end the earlier session.
    private static let terminationTimeout = Duration.seconds(10)
    /// The time between two questions to a server that does not answer.
    private static let retryDelay = Duration.milliseconds(100)

    /// A group that was committed although its result was lost, and whose rows are being reported.
    struct LostGroup {
        /// The watermark of the group's statement. Its new rows have higher ids.
        let watermark: Int64
        /// The time that was recorded for its new rows, in milliseconds since 1970.
        let storedAt: Int64
    }

    /// Finds out whether the group was committed, and stores it if not. Repeats this until the server answers or the
    /// store is closed.
    /// - Parameter group: describes the group if it is committed.
    func settle(_ drafts: [MessageDraft], _ group: LostGroup) async throws(StoreError) -> GroupReport {
        let lost = await client.backend
        let committed = try await patiently { () throws(PostgresFailure) in
            try await self.lastCommittedGroup(after: lost)
        }
        // If it is not committed now, nothing of it is stored, nor ever will be.
        guard committed == lastGroup else { return try await commit(drafts) }
        lostGroup = group
        return try await report(group, of: drafts)
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

    /// Reports the rows of a lost group together with those of others. Its messages then count as repeats of its rows.
    /// Deferred until all rows are reported.
    func report(_ group: LostGroup, of drafts: [MessageDraft]) async throws(StoreError) -> GroupReport {
        let (rows, reachesEnd) = try await patiently { () throws(PostgresFailure) in try await self.pollRows() }
        guard reachesEnd else { return GroupReport(foreignRows: rows, outcomes: [], isDeferred: true) }
        // A failure here keeps the rows that were just read from being published. So it is tried until it succeeds.
        let ids = try await patiently { () throws(PostgresFailure) in try await self.ids(of: drafts, in: group) }
        lostGroup = nil
        return GroupReport(
            foreignRows: rows, outcomes: ids.map { StoreOutcome.repeated(id: $0 ?? self.watermark) },
            isDeferred: false)
    }

    /// Finds the rows of a lost group: by the client offset, or by what else was stored. Among equal messages without a
    /// client offset, the order decides.
    /// - Returns: the id for each message; nil if its row was deleted since.
    private func ids(of drafts: [MessageDraft], in group: LostGroup) async throws(PostgresFailure) -> [Int64?] {
        let texts: [[[UInt8]?]] = [drafts.map(\.clientOffset), drafts.map { $0.content }, drafts.map(\.author)]
        let find = PostgresStatement(
            Self.findRows,
            parameters: texts.map { PostgresArray.encode($0) }
                + [group.watermark, group.storedAt].map { Array("\($0)".utf8) })
        let result = try await client.run(find, within: Self.commitTimeout)
        guard result.rows.count == drafts.count else { throw .lost("a result has another number of rows") }
        return try result.rows.map { row throws(PostgresFailure) in try PostgresRow(row).optionalInteger(0) }
    }

    /// Each request has a chain of keys, as in `chatd_store`: its client offset, and the next one while the row of a
    /// key has other content. "offset 0" keeps a lookup by the index what it is.
    private static let findRows = """
        WITH RECURSIVE request AS (
            SELECT u.n, u.o, u.c, u.a, row_number() OVER (PARTITION BY u.o IS NULL, u.c, u.a ORDER BY u.n) AS copy
            FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS u (o, c, a, n)),
        link AS (
            SELECT r.n, r.c, r.o AS key, m.id, m.is_equal FROM request r, LATERAL (
                SELECT m.id, coalesce(m.content, '') COLLATE "C" = r.c AS is_equal
                FROM messages m WHERE m.client_offset = r.o OFFSET 0) m
            UNION ALL
            SELECT l.n, l.c, k.key, m.id, m.is_equal FROM link l, LATERAL (
                SELECT l.key || chr(1) || encode(sha256(convert_to(l.c, 'UTF8')), 'hex') AS key) k, LATERAL (
                SELECT m.id, coalesce(m.content, '') COLLATE "C" = l.c AS is_equal
                FROM messages m WHERE m.client_offset = k.key OFFSET 0) m
            WHERE NOT l.is_equal)
        SELECT CASE
            WHEN r.o IS NOT NULL THEN (SELECT l.id FROM link l WHERE l.n = r.n AND l.is_equal)
            ELSE (
                SELECT m.id FROM messages m
                WHERE m.id > $4::bigint AND m.client_offset IS NULL AND m.created_at = $5::bigint
                    AND m.content COLLATE "C" = r.c AND m.author IS NOT DISTINCT FROM r.a
                ORDER BY m.id LIMIT 1 OFFSET r.copy - 1)
            END
        FROM request r ORDER BY r.n
        """

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
