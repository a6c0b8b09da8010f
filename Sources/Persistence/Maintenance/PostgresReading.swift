import Transport

/// Reads a PostgreSQL database for a command. Its methods block the calling thread.
final class PostgresReading: Sendable {
    private static let timeout = Duration.seconds(320)
    private static let statementTimeout = "300s"

    /// The URL without its password.
    let name: String
    private let loop: EventLoop
    private let client: PostgresClient

    /// Creates an instance, which connects when it is first used.
    /// - Parameter url: `postgres://USER[:PASSWORD]@HOST[,HOST…][:PORT]/DATABASE`.
    init(url: String, applicationName: String) throws(StoreError) {
        let parsed = try PostgresStore.parse(url)
        name = parsed.description
        do throws(SystemError) {
            loop = try EventLoop.start(name: "reading")
        } catch {
            throw .cannotOpen(path: parsed.description, reason: "\(error)")
        }
        client = PostgresClient(
            parsed, applicationName: applicationName, statementTimeout: Self.statementTimeout, on: loop)
    }

    deinit {
        BlockingResult.wait(on: loop) { [client] in await client.close() }
        loop.stop()
    }

    /// Runs a statement and reads its rows.
    func rows<Value>(
        of statement: PostgresStatement, _ read: ([PostgresRow]) throws(PostgresFailure) -> Value
    ) throws(StoreError) -> Value {
        let result = BlockingResult<Result<PostgresResult, PostgresFailure>>.wait(on: loop) { [client] in
            do throws(PostgresFailure) {
                return .success(try await client.run(statement, within: Self.timeout))
            } catch {
                return .failure(error)
            }
        }
        do throws(PostgresFailure) {
            return try read(try result.get().rows.map(PostgresRow.init))
        } catch {
            throw .unavailable(database: name, reason: "\(error)")
        }
    }

    /// Runs a statement and reads its only row.
    func row<Value>(
        of sql: String, _ read: (PostgresRow) throws(PostgresFailure) -> Value
    ) throws(StoreError) -> Value {
        try rows(of: PostgresStatement(sql)) { rows throws(PostgresFailure) in
            guard let row = rows.first else { throw .lost("a result has no row") }
            return try read(row)
        }
    }
}
