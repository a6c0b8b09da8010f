/// Examines a PostgreSQL database, also while servers use it. Changes nothing.
package enum PostgresExamination {
    /// Returns all findings. Blocks the calling thread.
    /// - Parameter url: `postgres://USER[:PASSWORD]@HOST[,HOST…][:PORT]/DATABASE`.
    package static func run(_ url: String) -> [Finding] {
        do throws(StoreError) {
            let database = try PostgresReading(url: url, applicationName: "chatd doctor")
            return try examine(database)
        } catch {
            return [Finding(.problem, "\(error)")]
        }
    }

    private static func examine(_ database: PostgresReading) throws(StoreError) -> [Finding] {
        let hasSchema = try database.row(
            of: "SELECT to_regclass('chatd_schema') IS NOT NULL, current_setting('server_version')"
        ) { row in (row.text(0) == "t", row.text(1)) }
        let server = Finding(.ok, "\(database.name): PostgreSQL \(hasSchema.1)")
        guard hasSchema.0 else {
            return [server, Finding(.ok, "it has no tables of chatd yet; a server creates them")]
        }
        return [server] + (try schema(database)) + (try counters(database))
    }

    private static func schema(_ database: PostgresReading) throws(StoreError) -> [Finding] {
        let version = try database.row(of: "SELECT version FROM chatd_schema") { row in row.text(0) }
        let problems = try database.rows(of: PostgresStatement("SELECT chatd_check()")) { rows in
            rows.map { Finding(.problem, $0.text(0)) }
        }
        let order = Finding(.ok, "the trigger, the sequence and the functions are as they must be")
        return [Finding(.ok, "the tables have version \(version)")] + (problems.isEmpty ? [order] : problems)
    }

    private static func counters(_ database: PostgresReading) throws(StoreError) -> [Finding] {
        let sql = """
            SELECT (SELECT count(*) FROM messages), (SELECT coalesce(min(id), 0) FROM messages),
                (SELECT coalesce(max(id), 0) FROM messages),
                (SELECT greatest(last_value - (NOT is_called)::int, 0) FROM messages_id_seq),
                pg_total_relation_size('messages'), (SELECT count(*) FROM chatd_epochs),
                (SELECT count(*) FROM chatd_hosts
                    WHERE seen_at > extract(epoch FROM clock_timestamp()) * 1000 - 60000)
            """
        return try database.row(of: sql) { row throws(PostgresFailure) in
            [
                Finding(.ok, "messages: \(row.text(0)); highest id assigned: \(row.text(3))"),
                Finding(.ok, "oldest message: id \(row.text(1)); newest: id \(row.text(2))"),
                Finding(.ok, "the messages take \(ByteCount.text(try row.integer(4)))"),
                Finding(
                    .ok, "recorded starts of servers: \(row.text(5)); hosts seen in the last minute: \(row.text(6))"),
            ]
        }
    }
}
