import Actors
import Glibc
import Persistence
import Transport

/// A server in one process, from start to end: hub, store and worker on one loop.
package actor ServeProcess {
    /// The configuration of the process.
    package struct Options: Sendable {
        /// The name or address to listen on; nil to listen on no port.
        package var host: String?
        package var port: UInt16
        /// The Unix domain sockets to listen on.
        package var unixSockets: [SocketAddress] = []
        /// Listening sockets that a service manager has passed; if there are any, the server listens on no others.
        package var inherited: [ListeningSocket] = []
        /// The limits of connection state recovery; nil to keep no lost sessions.
        package var recovery: RecoveryOptions?
        /// The service through which events reach other hosts; nil for a server on one host.
        package var backplane: BackplaneService?
        /// Where the server answers its operator; nil for nowhere.
        package var admin: AdminAddress?
        /// Where the server takes its operator's commands; nil for nowhere.
        package var commands: CommandSocket?
        /// What only the program measures; called for each scrape.
        package var measure: (@Sendable () -> MetricSamples)?
        /// The time within which a stop sends the clients away; zero to close all sessions at once.
        package var drainTime: Duration
        /// The signals to handle; they must be blocked. SIGUSR1 asks for the counters, SIGTERM stops the server within
        /// ``drainTime``, and the others stop it at once.
        package var signals: [CInt]

        package init(
            host: String?, port: UInt16, recovery: RecoveryOptions?, drainTime: Duration = .zero, signals: [CInt] = []
        ) {
            self.host = host
            self.port = port
            self.recovery = recovery
            self.drainTime = drainTime
            self.signals = signals
        }
    }

    nonisolated let loop: EventLoop
    private let options: Options
    private let server: SocketServer
    private let openStore: (@Sendable (_ epoch: String) throws -> any MessageStore)?
    private let observer: (any HubObserver)?
    let report: @Sendable (ProcessReport) -> Void
    private let onEnd: @Sendable (ProcessOutcome) -> Void
    private var hub: Hub?
    var commands: CommandServer?
    /// The sockets that are bound and not yet given to the server.
    private var sockets: [ListeningSocket] = []
    /// All sockets that are bound.
    private var bound: [ListeningSocket] = []
    private var state = ReadinessState()
    /// Made when the server has started.
    private var adminReports: [ProcessReport] = []
    private let startedAt: Duration
    private var hasStarted: Bool { state.hasStarted }
    private var isStopping: Bool { state.isStopping }

    package nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    /// - Parameters:
    ///   - server: the server, set up and not started.
    ///   - openStore: opens the store and records the epoch in it; nil to store no messages.
    ///   - report: called on the loop with each report.
    ///   - onEnd: called on the loop with the outcome. Only the first call counts. If the store was lost or the stop
    ///     took too long, resources may still be open.
    package init(
        _ server: SocketServer, on loop: EventLoop, _ options: Options, observer: (any HubObserver)? = nil,
        openStore: (@Sendable (_ epoch: String) throws -> any MessageStore)?,
        report: @escaping @Sendable (ProcessReport) -> Void, onEnd: @escaping @Sendable (ProcessOutcome) -> Void
    ) {
        self.server = server
        self.loop = loop
        self.options = options
        self.observer = observer
        self.openStore = openStore
        self.report = report
        self.onEnd = onEnd
        startedAt = loop.machine.wallClock
        server.sources.setReadiness { [weak self] in self?.assumeIsolated { $0.readiness } ?? .draining }
        server.sources.setSamples { [weak self] in await self?.samples ?? MetricSamples() }
    }

    /// Starts to serve. If that fails, the process ends.
    package func start() async {
        do {
            try await open()
        } catch {
            removeFiles()
            for socket in sockets { socket.close() }
            await commands?.close()
            await hub?.close()
            report(.startFailed(error))
            return onEnd(isStopping ? .stopped : .startFailed(error))
        }
        state.hasStarted = true
        guard !isStopping else { return await end() }
        for adminReport in adminReports { report(adminReport) }
        for address in ServerSockets.addresses(of: bound) { report(.serving(address)) }
        report(.ready(workers: nil))
    }

    private func open() async throws {
        if !options.signals.isEmpty {
            try SignalSource(options.signals, on: loop) { [self] in received(signal: $0) }
        }
        let patience = StartPatience(on: loop)
        if let address = options.admin { try await openAdmin(address, patience) }
        let missing: [SocketAddress]
        (bound, missing) = try await patience.attempt(unless: isStopping) { try bind() }
        sockets = bound
        for address in missing { report(.addressMissing(address)) }
        let epoch = Hub.newEpoch(on: loop)
        let store = try await patience.attempt(unless: isStopping) { try openStore?(epoch) }
        let hub = Hub(
            loop: loop, store: store, epoch: epoch, recovery: options.recovery,
            backplane: options.backplane?.makeBackplane(loop), observer: observer,
            report: ProcessReport.hubReportHandler(report, onEnd))
        self.hub = hub
        try server.start(on: loop, adapter: DirectLink(to: hub, store: store))
        await hub.start()
        if let socket = options.commands { try await openCommands(socket, of: hub) }
        sockets = []
        try await server.listen(on: bound)
    }

    private func openAdmin(_ address: AdminAddress, _ patience: StartPatience) async throws {
        let admin = AdminServer(
            on: loop, readiness: { [weak self] in self?.assumeIsolated { $0.readiness } ?? .draining },
            samples: { [weak self] in await self?.samples ?? MetricSamples() })
        let (serving, missing) = try await admin.open(address, patience)
        adminReports = missing.map { .addressMissing($0) } + serving.map { .adminServing($0) }
    }

    private var readiness: ServerReadiness {
        state.readiness(storeIsUp: hub?.assumeIsolated { $0.storeIsUp } ?? true)
    }

    /// The metrics of the whole server.
    private var samples: MetricSamples {
        get async {
            var samples = await server.workerSamples
            if let hub { samples.merge(await hub.samples) }
            samples.merge(ProcessUsage.samples)
            if let measure = options.measure { samples.merge(measure()) }
            samples.add(.ready, isTrue: readiness == .ok)
            samples.add(.startTime, duration: startedAt)
            return samples
        }
    }

    private func bind() throws -> (sockets: [ListeningSocket], missing: [SocketAddress]) {
        guard options.inherited.isEmpty else { return (options.inherited, []) }
        return try ServerSockets.bind(
            host: options.host, port: options.port, unixSockets: options.unixSockets, on: loop.machine)
    }

    /// Removes the files of the Unix domain sockets. A program that continues calls it after an end by an error.
    package func removeFiles() {
        for socket in bound { socket.removeFile() }
        bound = []
    }

    /// Called on the loop.
    private nonisolated func received(signal: CInt) {
        loop.startTask { [self] in
            if signal == SIGUSR1 { await reportCounters() } else { await stop(isGraceful: signal == SIGTERM) }
        }
    }

    private func reportCounters() async {
        report(.counters(server: await server.status, hub: await hub?.status, workers: nil))
    }

    /// Sends the clients away, closes every connection and the store, and then ends the process. A second call ends it
    /// at once.
    /// - Parameter isGraceful: false to send the clients away at once.
    package func stop(isGraceful: Bool = true) async {
        guard !isStopping else { return await endAtOnce() }
        state.isStopping = true
        report(.stopping)
        let drainTime = isGraceful ? options.drainTime : .zero
        StopLimit.start(on: loop, after: drainTime, report: report, onEnd: onEnd)
        // While `start` is still running, it ends the process itself.
        guard hasStarted else { return }
        if drainTime > .zero { await server.drain(DrainPlan(time: drainTime)) }
        await end()
    }

    /// Ends the process without waiting for its clients. Every message that the hub has received is stored.
    private func endAtOnce() async {
        guard hasStarted else { return }
        report(.stoppingAtOnce)
        await server.endDrain()
        await server.close(timeout: .zero)
        await commands?.close()
        await hub?.close()
        report(.stopped)
        onEnd(.stopped)
    }

    private func end() async {
        removeFiles()
        await server.close()
        await commands?.close()
        await hub?.close()
        report(.stopped)
        onEnd(.stopped)
    }
}
