import Transport

extension DatabaseCheck {
    /// The version of the tables that this program makes. `schema.sql` has it too.
    static let schemaVersion: Int64 = 2
    private static let timeout = Duration.seconds(10)

    /// Checks a PostgreSQL database: connects, and reads what a start would need. Blocks the calling thread.
    /// - Parameter url: `postgres://USER[:PASSWORD]@HOST[,HOST…][:PORT]/DATABASE`.
    package init(postgres url: String) {
        do throws(StoreError) {
            let parsed = try PostgresStore.parse(url)
            let loop: EventLoop
            do throws(SystemError) {
                loop = try EventLoop.start(name: "check")
            } catch {
                throw .cannotOpen(path: parsed.description, reason: "\(error)")
            }
            let client = PostgresClient(parsed, applicationName: "chatd check", on: loop)
            let result = BlockingResult.wait(on: loop) {
                let result = await Self.inspect(parsed.description, client)
                await client.close()
                return result
            }
            loop.stop()
            self = result
        } catch {
            fail("\(error)")
        }
    }

    private static func inspect(_ name: String, _ client: PostgresClient) async -> DatabaseCheck {
        var check = DatabaseCheck()
        do throws(PostgresFailure) {
            try await check.inspect(name, client)
        } catch {
            check.fail("cannot open \(name): \(error)")
        }
        return check
    }

    private mutating func inspect(_ name: String, _ client: PostgresClient) async throws(PostgresFailure) {
        let state = PostgresStatement(
            """
            SELECT to_regclass('chatd_schema') IS NOT NULL, current_schema() IS NOT NULL,
                coalesce(has_schema_privilege(current_schema(), 'CREATE'), false),
                getdatabaseencoding(), coalesce(current_schema(), ''),
                (SELECT count(*) FROM pg_stat_activity
                    WHERE datname = current_database() AND application_name LIKE 'chatd % notifications')
            """)
        guard let columns = try await client.run(state, within: Self.timeout).rows.first else { return }
        let row = PostgresRow(columns)
        if row.text(0) == "t" {
            let servers = try row.integer(5)
            if servers > 0 { note("servers that use \(name): \(servers)") }
            return try await inspectTables(of: name, client)
        }
        guard row.text(3) == "UTF8" else { return fail("\(name): the encoding of the database is not UTF8") }
        guard row.text(1) == "t" else { return fail("\(name): no schema of search_path exists") }
        guard row.text(2) == "t" else {
            return fail("\(name): the user may not create tables in the schema \(row.text(4))")
        }
        note("\(name) has no tables of chatd, which will be created")
    }

    private mutating func inspectTables(of name: String, _ client: PostgresClient) async throws(PostgresFailure) {
        let versions = PostgresStatement(
            """
            SELECT version,
                (SELECT pg_has_role(relowner, 'usage') FROM pg_class WHERE oid = to_regclass('messages'))
            FROM chatd_schema
            """)
        guard let columns = try await client.run(versions, within: Self.timeout).rows.first else {
            return fail("\(name): the table chatd_schema is empty")
        }
        let row = PostgresRow(columns)
        let version = try row.integer(0)
        guard version <= Self.schemaVersion else {
            return fail(
                "\(name): the schema has version \(version), and this program knows only \(Self.schemaVersion)")
        }
        if version < Self.schemaVersion {
            guard row.text(1) == "t" else {
                return fail("\(name): the schema has version \(version), and only the owner of messages can extend it")
            }
            return note(
                "the tables of \(name) are of an older version and will be extended, once no older server uses them")
        }
        let check = PostgresStatement("SELECT chatd_check()")
        for problem in try await client.run(check, within: Self.timeout).rows {
            fail("\(name): \(PostgresRow(problem).text(0))")
        }
    }
}
