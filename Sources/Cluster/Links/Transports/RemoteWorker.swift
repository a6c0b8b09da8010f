import Actors
import Persistence
import Transport

/// A server whose hub is connected by a transport, from start to end.
actor RemoteWorker {
    /// How long sessions may take to close after the link has ended. Short, because their requests have no effect until
    /// their clients connect again.
    private static let orphanTimeout = Duration.milliseconds(500)

    private nonisolated let loop: EventLoop
    private let server: SocketServer
    private let host: String
    private let port: UInt16
    private let report: @Sendable (ProcessReport) -> Void
    private let onEnd: @Sendable (ProcessOutcome) -> Void
    private let transport: any LinkTransport
    private let history: (any History)?
    private var link: WorkerLink?
    /// True once the server runs with this link. A server that another run has started must not be closed.
    private var hasStarted = false
    private var isEnding = false

    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    /// - Parameters:
    ///   - server: the server, set up and not started.
    ///   - run: the server's loop, and the receiver of the reports and of the outcome.
    init(
        _ server: SocketServer, in run: ServerRun, host: String, port: UInt16, over transport: any LinkTransport,
        history: (any History)?
    ) {
        self.server = server
        loop = run.loop
        report = run.report
        onEnd = run.end
        self.host = host
        self.port = port
        self.transport = transport
        self.history = history
    }

    /// Opens the link and starts to serve. If that fails, the run ends.
    func start() async {
        do {
            report(.serving(try await open()))
        } catch {
            end(.startFailed(error), timeout: .zero)
        }
    }

    private func open() async throws -> SocketAddress {
        let link = WorkerLink(over: transport, on: loop, history: history) { [weak self] reason in
            self?.assumeIsolated { $0.end(.startFailed(reason), timeout: Self.orphanTimeout) }
        }
        self.link = link
        try await link.open()
        guard !isEnding else { throw LinkEnd.endOfFile }
        let (sockets, missing) = try ListeningSocket.bind(host: host, port: port, on: loop.machine)
        for address in missing { report(.addressMissing(address)) }
        do {
            try server.start(on: loop, adapter: link)
        } catch {
            for socket in sockets { socket.close() }
            throw error
        }
        hasStarted = true
        try await server.listen(on: sockets)
        return sockets[0].address
    }

    /// Closes every connection, then the link.
    func stop() {
        end(.stopped, timeout: .seconds(2))
    }

    private func end(_ outcome: ProcessOutcome, timeout: Duration) {
        guard !isEnding else { return }
        isEnding = true
        loop.startTask { await self.close(outcome, timeout: timeout) }
    }

    private func close(_ outcome: ProcessOutcome, timeout: Duration) async {
        if hasStarted { await server.close(timeout: timeout) }
        await link?.close()
        onEnd(outcome)
    }
}
