import Transport

/// A session at a PostgreSQL server, on a loop. It runs one statement at a time.
actor PostgresConnection {
    /// How long a server may take from the attempt to connect until it is ready.
    static let openTimeout = Duration.seconds(5)

    private typealias Answer = Result<PostgresResult, PostgresFailure>

    private nonisolated let loop: EventLoop
    private var session: PostgresStateMachine
    private var socket: OutgoingConnection?
    private var waiting: CheckedContinuation<Answer, Never>?
    /// An answer that came before anybody waited for it. A task may be suspended on its way to the wait.
    private var early: Answer?
    private var timer: LoopBound<EventLoop.TimerToken>?
    /// Why the session has ended; nil while it may be used.
    private(set) var end: String?
    /// Called for each notification of another session, with its channel.
    private var notify: ((String) -> Void)?
    /// The server's process for this session, whose notifications are ignored.
    private var ownProcess: Int32?

    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    init(_ identity: PostgresStateMachine.Identity, on loop: EventLoop) {
        self.loop = loop
        let machine = loop.machine
        session = PostgresStateMachine(identity) {
            (0..<3).flatMap { _ in withUnsafeBytes(of: machine.random()) { Array($0) } }
        }
    }

    /// Calls `notify` for each notification of another session, with its channel.
    /// - Parameter process: the server's process for this session. A pool tells another number at the session's start.
    func onNotification(besides process: Int32?, _ notify: @escaping @Sendable (String) -> Void) {
        ownProcess = process
        self.notify = notify
    }

    /// Connects, and waits until the server is ready.
    /// - Throws: ``PostgresFailure/unavailable(_:)``.
    func open(_ address: SocketAddress) async throws(PostgresFailure) {
        do throws(SystemError) {
            socket = try OutgoingConnection(to: address, on: loop, handler: self)
        } catch {
            throw .unavailable("\(error)")
        }
        do throws(PostgresFailure) {
            _ = try await answer(within: Self.openTimeout)
        } catch {
            close()
            throw .unavailable("\(error)")
        }
    }

    /// Runs a statement.
    /// - Parameter timeout: the session is ended if the server has not answered by then.
    func run(
        _ statement: PostgresStatement, within timeout: Duration
    ) async throws(PostgresFailure) -> PostgresResult {
        if let end { throw .unavailable(end) }
        early = nil
        session.send(statement)
        flush()
        return try await answer(within: timeout)
    }

    private func answer(within timeout: Duration) async throws(PostgresFailure) -> PostgresResult {
        timer = LoopBound(loop.startTimer(after: timeout, self), to: loop)
        let answer = await withCheckedContinuation { continuation in
            if let early { continuation.resume(returning: early) } else { waiting = continuation }
        }
        return try answer.get()
    }

    private func resume(_ answer: Answer) {
        if let timer { loop.cancelTimer(timer.value) }
        timer = nil
        if let waiting { waiting.resume(returning: answer) } else { early = answer }
        waiting = nil
    }

    /// Ends the session. The statement in progress, if there is one, has no result.
    func close() {
        if socket != nil, waiting == nil {
            session.terminate()
            flush()
        }
        finish("the connection is closed")
    }

    private func finish(_ reason: String) {
        guard end == nil else { return }
        end = reason
        socket?.close()
        socket = nil
        resume(.failure(.lost(reason)))
    }

    private func flush() {
        socket?.send(session.takeOutput())
    }

    private func received(_ bytes: [UInt8]) {
        do throws(PostgresProtocolError) {
            for event in try session.receive(bytes) { handle(event) }
            flush()
        } catch {
            finish("\(error)")
        }
    }

    private func handle(_ event: PostgresStateMachine.Event) {
        switch event {
        case .ready:
            resume(.success(PostgresResult(rows: [], commandTag: "", transactionStatus: session.transactionStatus)))
        case .completed(let result): resume(.success(result))
        case .failed(let error): resume(.failure(.rejected(error)))
        case .refused(let error): finish("\(error)")
        case .notification(let channel, _, let process): if process != ownProcess { notify?(channel) }
        case .notice: break
        }
    }
}

extension PostgresConnection: OutgoingConnectionHandler {
    nonisolated func connectionOpened() {
        assumeIsolated { connection in
            connection.session.start()
            connection.flush()
        }
    }

    nonisolated func connectionRead(_ bytes: RawSpan) {
        let copy = bytes.withUnsafeBytes { Array($0) }
        assumeIsolated { $0.received(copy) }
    }

    nonisolated func connectionEnded(_ reason: String) {
        assumeIsolated { $0.finish(reason) }
    }
}

extension PostgresConnection: TimerTarget {
    nonisolated func timerFired(at now: ContinuousClock.Instant) {
        assumeIsolated { connection in
            connection.timer = nil
            connection.finish("the server did not answer in time")
        }
    }
}
