import Transport

/// The PostgreSQL database to which an SQLite database is copied. Its methods block the calling thread.
final class CopyTarget: Sendable {
    /// How long the server may take for one step. It ends a statement by itself a little earlier.
    private static let timeout = Duration.seconds(620)
    private static let statementTimeout = "600s"
    /// How long a copy that was killed may still be connected.
    private static let patience = Duration.seconds(10)
    private static let retryDelay = Duration.milliseconds(200)

    /// The URL without its password.
    let name: String
    private let loop: EventLoop
    private let client: PostgresClient

    /// Creates an instance, which connects when it is first used.
    /// - Parameter url: `postgres://USER[:PASSWORD]@HOST[,HOST…][:PORT]/DATABASE`.
    /// - Throws: ``CopyError/refused(database:reason:)`` for an invalid URL.
    init(url: String) throws(CopyError) {
        do {
            let parsed = try PostgresStore.parse(url)
            name = parsed.description
            loop = try EventLoop.start(name: "copy")
            client = PostgresClient(
                parsed, applicationName: "chatd copy", statementTimeout: Self.statementTimeout, on: loop)
        } catch StoreError.cannotOpen(let database, let reason) {
            throw .refused(database: database, reason: reason)
        } catch {
            throw .refused(database: "the database", reason: "\(error)")
        }
    }

    deinit {
        loop.stop()
    }

    /// Reads what an earlier copy has recorded. Changes nothing.
    /// - Throws: ``CopyError/refused(database:reason:)`` if there are messages that are not of a copy.
    func state() throws(CopyError) -> CopyState {
        let tables = try run(
            PostgresStatement(
                """
                SELECT to_regclass('chatd_copied') IS NOT NULL, to_regclass('chatd_copying') IS NOT NULL,
                    to_regclass('messages') IS NOT NULL
                """)
        ).first.map { row in (0..<3).map { row.text($0) == "t" } }
        guard let tables else { throw interrupted("it has returned no row") }
        if tables[0] { return .finished(try recordedCopy(in: "chatd_copied")) }
        if tables[1] { return .unfinished(try recordedCopy(in: "chatd_copying")) }
        if tables[2], try run(PostgresStatement("SELECT EXISTS (SELECT FROM messages)")).first?.text(0) != "f" {
            throw .refused(database: name, reason: "it has messages already")
        }
        return .empty
    }

    private func recordedCopy(in table: String) throws(CopyError) -> RecordedCopy {
        let rows = try run(PostgresStatement("SELECT source, row_count, digest FROM \(table)"))
        guard let row = rows.first, let count = try? row.integer(1) else {
            throw .refused(database: name, reason: "its table \(table) has no row")
        }
        return RecordedCopy(source: row.text(0), rowCount: count, digestText: row.bytes(2) ?? [])
    }

    /// Creates the tables if they are missing, and begins or continues a copy. Waits for a moment if another one is
    /// connected, because it may have been killed.
    /// - Parameter assignedID: the highest id ever assigned by the source.
    func begin(_ source: String, assignedID: Int64) throws(CopyError) {
        _ = try run(.simple(String(decoding: PostgresClient.schema, as: UTF8.self)))
        let problems = try run(PostgresStatement("SELECT chatd_check()"))
        if let problem = problems.first { throw .refused(database: name, reason: problem.text(0)) }
        _ = try run(.simple(String(decoding: PackageResources.copying_sql, as: UTF8.self)))
        let begin = PostgresStatement(
            "SELECT pg_temp.chatd_copy_begin($1, $2, $3)",
            parameters: [Array(source.replacing("\0", with: "").utf8), text(assignedID), CopyProgress().digestText])
        let deadline = ContinuousClock.now + Self.patience
        while true {
            do throws(PostgresFailure) {
                _ = try result(of: begin)
                return
            } catch {
                guard case .rejected(let reason) = error, reason.code == "CH008", ContinuousClock.now < deadline else {
                    throw failure(error)
                }
            }
            BlockingResult.wait(on: loop) { [loop] in await loop.pause(for: Self.retryDelay) }
        }
    }

    /// Stores rows in one transaction, together with the progress.
    /// - Parameter progress: the progress after these rows.
    func store(_ batch: CopyBatch, _ progress: CopyProgress) throws(CopyError) {
        _ = try run(
            PostgresStatement(
                "SELECT pg_temp.chatd_copy_rows($1, $2, $3, $4, $5, $6, $7, $8)", name: "rows",
                parameters: [text(batch.start), progress.digestText] + batch.columns))
    }

    /// Stores tombstones in one transaction.
    /// - Parameter rowCount: the number of all rows, which are stored already.
    func store(_ tombstones: [CopiedTombstone], after rowCount: Int64) throws(CopyError) {
        _ = try run(
            PostgresStatement(
                "SELECT pg_temp.chatd_copy_deleted($1, $2, $3, $4, $5)", name: "deleted",
                parameters: [text(rowCount)] + CopiedTombstone.columns(tombstones)))
    }

    /// Ends the copy: records the starts of the source, and lets servers begin.
    /// - Parameters:
    ///   - highestID: the highest id that a client may have received from the source.
    ///   - assignedID: the highest id ever assigned by the source.
    func finish(rowCount: Int64, highestID: Int64, assignedID: Int64, _ starts: [SourceStart]) throws(CopyError) {
        let columns: [[[UInt8]?]] = [
            starts.map(\.epoch), starts.map { text($0.startedAt) }, starts.map { $0.highestID.map(text) },
        ]
        _ = try run(
            PostgresStatement(
                "SELECT pg_temp.chatd_copy_finish($1, $2, $3, $4, $5, $6)",
                parameters: [rowCount, highestID, assignedID].map(text) + columns.map(PostgresArray.encode)))
    }

    /// Ends the session.
    func close() {
        BlockingResult.wait(on: loop) { [client] in await client.close() }
    }

    private func text(_ number: Int64) -> [UInt8] { Array("\(number)".utf8) }

    private func run(_ statement: PostgresStatement) throws(CopyError) -> [PostgresRow] {
        do throws(PostgresFailure) {
            return try result(of: statement).rows.map(PostgresRow.init)
        } catch {
            throw failure(error)
        }
    }

    private func result(of statement: PostgresStatement) throws(PostgresFailure) -> PostgresResult {
        let result = BlockingResult<Result<PostgresResult, PostgresFailure>>.wait(on: loop) { [client] in
            do throws(PostgresFailure) {
                return .success(try await client.run(statement, within: Self.timeout))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    /// What chatd's own functions refuse (SQLSTATE `CH…`) has a message for the operator.
    private func failure(_ failure: PostgresFailure) -> CopyError {
        guard case .rejected(let error) = failure, error.sqlClass == "CH" else { return interrupted("\(failure)") }
        return .refused(database: name, reason: error.message)
    }

    private func interrupted(_ reason: String) -> CopyError {
        .interrupted(database: name, reason: reason)
    }
}
