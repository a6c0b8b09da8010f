import Actors
import Glibc
import Persistence
import Transport

/// A server in one process, from start to exit: hub, store and worker on one loop.
package actor ServeProcess {
    /// The configuration of the server.
    package struct Options: Sendable {
        package var host: String
        package var port: UInt16
        package var server: ServerOptions
        /// The limits of connection state recovery; nil to keep no lost sessions.
        package var recovery: RecoveryOptions?
        /// The signals that stop the server. They and SIGUSR1 must be blocked.
        package var stopSignals: [CInt]

        package init(
            host: String, port: UInt16, server: ServerOptions, recovery: RecoveryOptions?, stopSignals: [CInt]
        ) {
            self.host = host
            self.port = port
            self.server = server
            self.recovery = recovery
            self.stopSignals = stopSignals
        }
    }

    private nonisolated let loop: EventLoop
    private let options: Options
    private let openStore: @Sendable (_ epoch: String) throws -> any MessageStore
    private let install: @Sendable (Server) async throws -> Void
    private let observer: (any HubObserver)?
    private let report: @Sendable (ProcessReport) -> Void
    private var hub: Hub?
    private var server: Server?
    private var hasStarted = false
    private var isStopping = false

    package nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    /// - Parameters:
    ///   - openStore: opens the store and records the epoch in it.
    ///   - install: adds the application to the server, before it listens.
    ///   - report: called on the loop with each report.
    package init(
        on loop: EventLoop, _ options: Options, observer: (any HubObserver)? = nil,
        openStore: @escaping @Sendable (_ epoch: String) throws -> any MessageStore,
        install: @escaping @Sendable (Server) async throws -> Void,
        report: @escaping @Sendable (ProcessReport) -> Void
    ) {
        self.loop = loop
        self.options = options
        self.observer = observer
        self.openStore = openStore
        self.install = install
        self.report = report
    }

    /// Starts to serve. Exits the process if that fails.
    package func start() async {
        let address: SocketAddress
        do {
            address = try await open()
        } catch {
            report(.startFailed(error))
            return loop.machine.exit(code: isStopping ? ExitCode.success : ExitCode.unavailable)
        }
        hasStarted = true
        guard !isStopping else { return await end() }
        report(.serving(address))
    }

    private func open() async throws -> SocketAddress {
        try SignalSource(options.stopSignals + [SIGUSR1], on: loop) { [self] in received(signal: $0) }
        let patience = StartPatience(on: loop)
        let (sockets, missing) = try await patience.attempt(unless: isStopping) {
            try ListeningSocket.bind(host: options.host, port: options.port, on: loop.machine)
        }
        for address in missing { report(.addressMissing(address)) }
        let epoch = Hub.newEpoch(on: loop)
        let store = try await patience.attempt(unless: isStopping) { try openStore(epoch) }
        let hub = Hub(
            loop: loop, store: store, epoch: epoch, recovery: options.recovery, observer: observer,
            report: ProcessReport.hubReportHandler(on: loop, report))
        let server = Server(
            loop: loop, options: options.server, adapter: DirectLink(to: hub, store: store),
            report: { [report] in report(.server($0)) })
        self.hub = hub
        self.server = server
        try await install(server)
        await hub.start()
        try await server.listen(on: sockets)
        return sockets[0].address
    }

    /// Called on the loop.
    private nonisolated func received(signal: CInt) {
        loop.startTask { [self] in
            if signal == SIGUSR1 { await reportCounters() } else { await stop() }
        }
    }

    private func reportCounters() async {
        report(.counters(server: await server?.status, hub: await hub?.status, workerStarts: nil))
    }

    private func stop() async {
        guard !isStopping else { return }
        isStopping = true
        report(.stopping)
        StopLimit.start(on: loop, report: report)
        // While `start` is still running, it ends the process itself.
        if hasStarted { await end() }
    }

    private func end() async {
        await server?.close()
        await hub?.close()
        report(.stopped)
        loop.machine.exit(code: ExitCode.success)
    }
}
