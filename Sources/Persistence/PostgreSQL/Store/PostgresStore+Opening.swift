/// What tells one server's data from another's. A standby that takes over begins a new timeline.
struct PostgresServerIdentity: Sendable, Equatable {
    let system: Int64
    let timeline: String
}

/// What a store knows when it was opened.
struct PostgresOpening: Sendable {
    let opening: StoreOpening
    let server: PostgresServerIdentity
    let limits: EpochLimits
}

extension PostgresClient {
    /// One transaction, which creates the tables and functions if they are missing.
    static let schema = [
        PackageResources.schema_sql, PackageResources.locking_sql, PackageResources.reading_sql,
        PackageResources.storing_sql, PackageResources.checking_sql,
    ].flatMap { $0 }
    /// How long the creation of the tables may take.
    private static let schemaTimeout = Duration.seconds(30)

    /// Creates the tables if they are missing, and records the start of a server.
    func openStore(epoch: String, startedAt: Int64) async -> Result<PostgresOpening, PostgresFailure> {
        do throws(PostgresFailure) {
            _ = try await run(.simple(String(decoding: Self.schema, as: UTF8.self)), within: Self.schemaTimeout)
            let problems = try await run(
                PostgresStatement("SELECT chatd_check()"), within: Self.schemaTimeout)
            if let problem = problems.rows.first { throw .unavailable(PostgresRow(problem).text(0)) }
            let open = PostgresStatement(
                "SELECT * FROM chatd_open($1, $2)", parameters: [Array(epoch.utf8), Array("\(startedAt)".utf8)])
            guard let columns = try await run(open, within: Self.schemaTimeout).rows.first else {
                throw .unavailable("the start was not recorded")
            }
            let row = PostgresRow(columns)
            let opening = StoreOpening(
                highestRowID: try row.integer(0), highestAssignedID: try row.integer(1),
                epochNumber: try row.integer(2))
            let server = PostgresServerIdentity(system: try row.integer(4), timeline: row.text(3))
            return .success(
                PostgresOpening(opening: opening, server: server, limits: try await epochLimits()))
        } catch {
            return .failure(error)
        }
    }

    /// The starts that the database has recorded.
    func epochLimits() async throws(PostgresFailure) -> EpochLimits {
        let select = PostgresStatement(
            """
            SELECT number, epoch,
                (SELECT min(later.last_id) FROM chatd_history later WHERE later.number > start.history)
            FROM chatd_epochs start
            """)
        var rows: [(number: Int64, epoch: String, limit: Int64?)] = []
        for columns in try await run(select, within: Self.schemaTimeout).rows {
            let row = PostgresRow(columns)
            rows.append((try row.integer(0), row.text(1), try row.optionalInteger(2)))
        }
        return EpochLimits(rows)
    }
}

extension PostgresStore {
    /// Reads the recorded starts again if another server has recorded one. If that fails, a later call does it.
    func learnEpochs(upTo number: Int64) async {
        guard limits.withLock({ $0.newest }) < number, let known = try? await client.epochLimits() else { return }
        limits.withLock { $0 = known }
    }
}
