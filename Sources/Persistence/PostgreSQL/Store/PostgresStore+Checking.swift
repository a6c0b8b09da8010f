/// Checks beside the work: that the tables still keep the order of rows, and who is in the way.
extension PostgresStore {
    /// The time between two checks of the tables.
    static let checkInterval = Duration.seconds(60)
    /// The same, while they cannot be used.
    static let repairInterval = Duration.seconds(5)

    /// Checks the trigger, the sequence and the tables, if it is time. While they cannot be used, for example because
    /// somebody has dropped the trigger, nothing is stored.
    func checkSchema() async throws(PostgresFailure) {
        if loop.now >= nextCheck {
            let check = PostgresStatement("SELECT chatd_check()", name: "check")
            let problems = try await client.run(check, within: Self.commitTimeout).rows
            problem = problems.first.map { PostgresRow($0).text(0) }
            nextCheck = loop.now + (problem == nil ? Self.checkInterval : Self.repairInterval)
        }
        if let problem { throw .unavailable(problem) }
    }

    /// Finds the transactions that hold the lock of the writers, and those that lock a table so that it cannot be
    /// written. One that still waits for its lock is in the way too, because later ones wait behind it.
    private static let holders = """
        SELECT 'messages', chatd_lock_holders()
        UNION ALL SELECT c.relname, coalesce(
                format('process %s of %s (%s, %s)', l.pid, a.usename,
                    coalesce(nullif(a.application_name, ''), 'unnamed'), coalesce(a.state, 'state unknown')),
                format('the prepared transaction %L', x.gid), 'an unknown transaction')
            || coalesce(format(
                ' for %s s', round(extract(epoch from clock_timestamp() - coalesce(a.xact_start, x.prepared)))), '')
            || CASE WHEN l.granted THEN '' ELSE ', which waits for its lock' END
        FROM pg_locks l JOIN pg_database d ON d.oid = l.database AND d.datname = current_database()
        JOIN pg_class c ON c.oid = l.relation
        LEFT JOIN pg_stat_activity a ON a.pid = l.pid
        LEFT JOIN pg_locks own ON l.pid IS NULL AND own.locktype = 'transactionid'
            AND own.virtualtransaction = l.virtualtransaction
        LEFT JOIN pg_prepared_xacts x ON x.transaction = own.transactionid
        WHERE l.locktype = 'relation' AND l.pid IS DISTINCT FROM pg_backend_pid()
            AND c.relnamespace = (SELECT relnamespace FROM pg_class WHERE oid = 'messages'::regclass)
            AND c.relname IN ('messages', 'chatd_epochs', 'chatd_history', 'chatd_hosts')
            AND l.mode IN ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
        """

    /// Describes the transactions that keep others from storing; nil if there are none any more. Ends those of chatd
    /// whose host does not read.
    func lockHolders() async -> String? {
        let ask = PostgresStatement(Self.holders, name: "holders")
        guard let rows = try? await client.run(ask, within: Self.commitTimeout).rows, !rows.isEmpty else { return nil }
        return Dictionary(grouping: rows.map { PostgresRow($0) }) { $0.text(0) }.sorted { $0.key < $1.key }
            .map { "the table \($0.key) is locked by \($0.value.map { $0.text(1) }.joined(separator: ", "))" }
            .joined(separator: "; ")
    }
}
