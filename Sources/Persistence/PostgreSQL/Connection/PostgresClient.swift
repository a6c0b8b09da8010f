import Transport

/// Keeps a session at the server that a URL names: the first of its hosts that answers and may write. A session that
/// ends is replaced when the next statement needs one.
actor PostgresClient {
    /// The server's process for a session. The server may give its number to another session later.
    struct Backend: Equatable, Sendable {
        let process: [UInt8]
        let startedAt: [UInt8]
    }

    /// The settings of each session. Under another isolation level, a statement behind the lock would read an old
    /// state. Plans that were made while the table was small must use the indexes too.
    private static let settings = [
        (name: "default_transaction_isolation", value: "read committed"),
        (name: "tcp_keepalives_idle", value: "5"), (name: "tcp_keepalives_interval", value: "2"),
        (name: "tcp_keepalives_count", value: "3"), (name: "tcp_user_timeout", value: "10000"),
        (name: "lock_timeout", value: "5s"), (name: "idle_in_transaction_session_timeout", value: "5s"),
        (name: "enable_seqscan", value: "off"), (name: "enable_bitmapscan", value: "off"),
    ]

    private nonisolated let loop: EventLoop
    private nonisolated let url: PostgresURL
    private nonisolated let applicationName: String
    /// Prepares a session, and tells whether the server may write, and which of its processes this is. An acknowledged
    /// message must be on the disk, whatever the database's default is.
    private nonisolated let beginning: PostgresStatement
    private var connection: PostgresConnection?
    private var backoff = PostgresBackoff()
    private var isBusy = false
    private var waiting: [CheckedContinuation<Void, Never>] = []
    private var isClosed = false
    private var hasConnected = false
    /// The channel that each session listens to, and the function that is called for each notification.
    private var listening: (channel: String, notify: @Sendable () -> Void)?
    private var observer: (@Sendable (String?) -> Void)?
    /// The process of the latest session.
    private(set) var backend: Backend?

    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    /// - Parameters:
    ///   - applicationName: the name of the sessions, which the server's administrator sees.
    ///   - statementTimeout: how long a statement may take until the server ends it, in the form of PostgreSQL.
    ///   - loop: a loop that may block while a host's name is resolved.
    init(_ url: PostgresURL, applicationName: String, statementTimeout: String = "10s", on loop: EventLoop) {
        self.url = url
        self.applicationName = applicationName
        beginning = .beginning(
            setting: Self.settings + [(name: "statement_timeout", value: statementTimeout)],
            selecting: """
                pg_is_in_recovery(), pid, backend_start, set_config('synchronous_commit', CASE
                    WHEN current_setting('synchronous_commit') IN ('off', 'local', 'remote_write') THEN 'on'
                    ELSE current_setting('synchronous_commit') END, false)
                """,
            "FROM pg_stat_activity WHERE pid = pg_backend_pid()")
        self.loop = loop
    }

    /// Runs a statement, after those of earlier calls.
    /// - Parameters:
    ///   - timeout: the session is ended if the server has not answered by then.
    ///   - isPatient: false to fail at once while no session can be expected, because the last attempt has failed a
    ///     short time ago; true to wait for the next attempt.
    func run(
        _ statement: PostgresStatement, within timeout: Duration, isPatient: Bool = false
    ) async throws(PostgresFailure) -> PostgresResult {
        await enter()
        defer { leave() }
        let connection = try await connected(isPatient: isPatient)
        return try await connection.run(statement, within: timeout)
    }

    /// Waits for its turn. The caller must call ``leave()`` then.
    private func enter() async {
        await withCheckedContinuation { continuation in
            guard isBusy else {
                isBusy = true
                return continuation.resume()
            }
            waiting.append(continuation)
        }
    }

    private func leave() {
        if waiting.isEmpty { isBusy = false } else { waiting.removeFirst().resume() }
    }

    /// Ends the session, and opens no further one.
    func close() async {
        isClosed = true
        await connection?.close()
        connection = nil
    }

    /// Calls `observer` when a session has ended, with the reason, and when a later one is open, with nil.
    func observeSessions(_ observer: @escaping @Sendable (String?) -> Void) {
        self.observer = observer
    }

    /// Listens to a channel in this session and each later one.
    /// - Parameter notify: called for each notification, and when a session was opened, because notifications may have
    ///   been missed before.
    func listen(to channel: String, _ notify: @escaping @Sendable () -> Void) {
        listening = (channel, notify)
    }

    // MARK: Connecting

    private func connected(isPatient: Bool) async throws(PostgresFailure) -> PostgresConnection {
        if let connection {
            guard let reason = await connection.end else { return connection }
            self.connection = nil
            if !isClosed { observer?(reason) }
        }
        guard !isClosed else { throw .unavailable("the store is closed") }
        if let delay = backoff.remaining(at: loop.now) {
            guard isPatient else { throw .unavailable(backoff.reason) }
            await loop.pause(for: delay)
        }
        do throws(PostgresFailure) {
            let opened = try await connect()
            connection = opened
            if hasConnected { observer?(nil) }
            hasConnected = true
            backoff = PostgresBackoff()
            return opened
        } catch {
            backoff.failed("\(error)", at: loop.now, random: loop.machine.random())
            throw error
        }
    }

    /// Connects to the first host that may write. Resolving its name may block the thread.
    /// - Throws: ``PostgresFailure/unavailable(_:)`` with the reason of each host.
    private func connect() async throws(PostgresFailure) -> PostgresConnection {
        var reasons: [String] = []
        for server in url.servers {
            for address in addresses(of: server, &reasons) {
                do throws(PostgresFailure) {
                    return try await connect(to: address, of: server)
                } catch {
                    reasons.append("\(address): \(error)")
                }
            }
        }
        throw .unavailable(reasons.joined(separator: "; "))
    }

    private func connect(
        to address: SocketAddress, of server: PostgresURL.Server
    ) async throws(PostgresFailure) -> PostgresConnection {
        let name = (name: "application_name", value: applicationName)
        let opened = PostgresConnection(url.identity(at: server, settings: [name]), on: loop)
        do throws(PostgresFailure) {
            try await opened.open(address)
            let result = try await opened.run(beginning, within: PostgresConnection.openTimeout)
            guard let row = result.rows.first, row.count > 3, row[0] == Array("f".utf8),
                let process = row[1], let startedAt = row[2]
            else { throw PostgresFailure.unavailable("the server is in recovery") }
            backend = Backend(process: process, startedAt: startedAt)
            try await listen(on: opened)
        } catch {
            await opened.close()
            throw .unavailable("\(error)")
        }
        return opened
    }

    private func listen(on opened: PostgresConnection) async throws(PostgresFailure) {
        guard let (channel, notify) = listening else { return }
        let process = backend.flatMap { Int32(String(decoding: $0.process, as: UTF8.self)) }
        await opened.onNotification(besides: process) { name in if name == channel { notify() } }
        let quoted = "\"" + channel.replacing("\"", with: "\"\"") + "\""
        _ = try await opened.run(PostgresStatement("LISTEN \(quoted)"), within: PostgresConnection.openTimeout)
        notify()
    }

    private func addresses(of server: PostgresURL.Server, _ reasons: inout [String]) -> [SocketAddress] {
        do {
            switch server {
            case .tcp(let host, let port): return try SocketAddress.resolve(host: host, port: port)
            case .socket(let directory, let port):
                return [try SocketAddress(unixPath: "\(directory)/.s.PGSQL.\(port)")]
            }
        } catch {
            reasons.append("\(error)")
            return []
        }
    }
}

/// The growing time between attempts to connect.
struct PostgresBackoff {
    static let first = Duration.milliseconds(100)
    static let longest = Duration.seconds(5)

    /// Why the last attempt failed.
    private(set) var reason = ""
    private var delay = Duration.zero
    private var until: ContinuousClock.Instant?

    /// Records a failed attempt. The delay doubles, with up to a half of it at random, so that the hosts of a cluster
    /// do not come back together.
    mutating func failed(_ reason: String, at now: ContinuousClock.Instant, random: UInt64) {
        self.reason = reason
        delay = delay == .zero ? Self.first : min(delay * 2, Self.longest)
        until = now + delay / 2 + delay / 2 * (Double(random % 1000) / 1000)
    }

    /// The time until the next attempt may be made; nil if that is now.
    func remaining(at now: ContinuousClock.Instant) -> Duration? {
        until.flatMap { $0 > now ? $0 - now : nil }
    }
}
