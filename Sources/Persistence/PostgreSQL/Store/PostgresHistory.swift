import Transport

/// Reads pages of history in a session of its own, in the writing server's process or in another one.
public actor PostgresHistory: History {
    private static let timeout = Duration.seconds(15)
    private static let columns = "id, content, created_at, author, client_offset, author_name"

    private nonisolated let client: PostgresClient
    private nonisolated let loop: EventLoop
    private nonisolated let name: String
    private nonisolated let ownsLoop: Bool
    private var isClosed = false

    public nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    /// Creates an instance, which connects when it is first used.
    /// - Parameter url: `postgres://USER[:PASSWORD]@HOST[,HOST…][:PORT]/DATABASE`.
    /// - Throws: ``StoreError/cannotOpen(path:reason:)`` for an invalid URL.
    public init(url: String) throws(StoreError) {
        let parsed = try PostgresStore.parse(url)
        do throws(SystemError) {
            loop = try EventLoop.start(name: "history")
        } catch {
            throw .cannotOpen(path: parsed.description, reason: "\(error)")
        }
        ownsLoop = true
        name = parsed.description
        client = PostgresClient(parsed, applicationName: "chatd history", on: loop)
    }

    init(_ url: PostgresURL, applicationName: String, on loop: EventLoop) {
        self.loop = loop
        ownsLoop = false
        name = url.description
        client = PostgresClient(url, applicationName: applicationName, on: loop)
    }

    deinit {
        if ownsLoop { loop.stop() }
    }

    public func page(after id: Int64, through last: Int64, limit: PageLimit) async throws(StoreError) -> HistoryPage {
        try await page(
            "WHERE id > $1 AND id <= $2 ORDER BY id", "forwards", [id, min(last, StoredMessage.maxID)], limit)
    }

    public func page(before id: Int64, limit: PageLimit) async throws(StoreError) -> HistoryPage {
        var page = try await page(
            "WHERE id > $1 AND id < $2 ORDER BY id DESC", "backwards", [0, min(id, StoredMessage.maxID + 1)], limit)
        page.messages.reverse()
        return page
    }

    public func start(ofLatest count: Int, through last: Int64) async throws(StoreError) -> Int64 {
        let sql = "SELECT id FROM messages WHERE id > 0 AND id <= $1 ORDER BY id DESC LIMIT 1 OFFSET $2"
        let bounds = [min(last, StoredMessage.maxID), Int64(max(count, 0))]
        return try await run(sql, "start", bounds) { rows throws(PostgresFailure) in
            try rows.first?.integer(0) ?? 0
        }
    }

    /// Releases the database. Later calls throw ``StoreError/closed``.
    public func close() async {
        isClosed = true
        await client.close()
    }

    /// Reads a page whose size the server limits: the first rows whose contents together fit, and one more, which tells
    /// that the interval goes on.
    private func page(
        _ interval: String, _ statement: String, _ bounds: [Int64], _ limit: PageLimit
    ) async throws(StoreError) -> HistoryPage {
        let order = interval.hasSuffix("DESC") ? "DESC" : "ASC"
        let sql = """
            SELECT (bytes > $3 AND number > 1) OR number > $4, \(Self.columns)
            FROM (SELECT \(Self.columns), size, row_number() OVER (ORDER BY id \(order)) AS number,
                    sum(size) OVER (ORDER BY id \(order)) AS bytes
                FROM (SELECT \(Self.columns), coalesce(octet_length(content), 0) AS size
                    FROM messages \(interval) LIMIT $5) AS found) AS measured
            WHERE bytes - size <= $3 OR number <= 2 ORDER BY number
            """
        let count = Int64(max(limit.messages, 1))
        return try await run(sql, statement, bounds + [Int64(limit.bytes), count, count + 1]) {
            rows throws(PostgresFailure) in
            var page = HistoryPage(messages: [], reachesEnd: true)
            for row in rows {
                guard row.text(0) == "f" else {
                    page.reachesEnd = false
                    break
                }
                page.messages.append(try row.message(from: 1))
            }
            return page
        }
    }

    /// A session is opened only at a server that may write, and such a server cannot go into recovery while it runs.
    private func run<Value>(
        _ sql: String, _ statement: String, _ values: [Int64], read: ([PostgresRow]) throws(PostgresFailure) -> Value
    ) async throws(StoreError) -> Value {
        guard !isClosed else { throw .closed }
        do throws(PostgresFailure) {
            let result = try await client.run(
                PostgresStatement(sql, name: statement, parameters: values.map { Array("\($0)".utf8) }),
                within: Self.timeout)
            return try read(result.rows.map(PostgresRow.init))
        } catch {
            throw .unavailable(database: name, reason: "\(error)")
        }
    }
}
