import Actors
import Persistence
import Transport

/// A worker's process, from start to exit: the link to the hub, and a server.
package actor ServingWorker {
    /// How long sessions may take to close after a stop command.
    private static let stopTimeout = Duration.seconds(2)
    /// How long sessions may take to close after the link has ended. Short, because their requests have no effect until
    /// their clients connect to another worker.
    private static let orphanTimeout = Duration.milliseconds(500)

    private nonisolated let loop: EventLoop
    private let server: SocketServer
    private let configuration: WorkerStart
    private let openHistory: (@Sendable () throws -> any History)?
    private let report: @Sendable (ProcessReport) -> Void
    private var handover: LoopBound<WorkerHandover>?
    private var link: WorkerLink?
    private var state = ReadinessState()
    /// True if the supervisor has asked for the metrics, so that it needs the last ones too.
    private var wasMeasured = false
    private var isDraining = false
    private var isEnding = false

    package nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    /// - Parameters:
    ///   - server: the server, set up and not started.
    ///   - configuration: what the supervisor told the process.
    ///   - openHistory: opens the stored messages for reading; nil if there are none.
    ///   - report: called on the loop with each report.
    package init(
        _ server: SocketServer, on loop: EventLoop, _ configuration: WorkerStart,
        openHistory: (@Sendable () throws -> any History)?,
        report: @escaping @Sendable (ProcessReport) -> Void
    ) {
        self.loop = loop
        self.server = server
        self.configuration = configuration
        self.openHistory = openHistory
        self.report = report
        server.sources.setReadiness { [weak self] in self?.assumeIsolated { $0.readiness } ?? .draining }
    }

    /// Opens the link and starts to serve. Exits the process if that fails.
    package func start() async {
        do {
            try await open()
        } catch {
            // If the link has ended meanwhile, the process is already exiting.
            guard !isEnding else { return }
            report(.startFailed(error))
            loop.machine.exit(code: ExitCode.unavailable)
        }
    }

    private func open() async throws {
        // Keep this actor until the loop ends. The link refers to this actor only weakly, because this actor's server
        // keeps the link.
        loop.atEnd { [self] in withExtendedLifetime(self) {} }
        let inherited = try WorkerProcess.inherited(
            sockets: configuration.sockets, sharesPort: configuration.sharesPort, on: loop.machine)
        let link = WorkerLink(inherited.link, on: loop, history: try openHistory?()) { [weak self] command in
            self?.assumeIsolated { $0.received(command) }
        } ended: { [weak self] reason in
            self?.assumeIsolated { $0.linkEnded(reason) }
        }
        self.link = link
        try await link.open()
        guard !isEnding else { return }
        try server.start(on: loop, adapter: link)
        if let passing = inherited.passing { try await share(passing) }
        try await server.listen(on: inherited.sockets)
        state.hasStarted = true
        await link.serving()
    }

    /// The supervisor's own port tells whether the store takes messages.
    private var readiness: ServerReadiness {
        state.readiness(storeIsUp: true)
    }

    /// Sends the metrics of this process to the supervisor.
    private func sendSamples() async {
        var samples = await server.workerSamples
        samples.merge(ProcessUsage.samples)
        await link?.send(samples)
    }

    /// Begins to exchange connections with the other workers.
    private func share(_ passing: CInt) async throws {
        let number = WorkerNumber(configuration.number)
        let handover = WorkerHandover(passing, number: number, on: loop) { [weak self] error in
            self?.assumeIsolated { $0.linkEnded(.corrupt("\(error)")) }
        }
        self.handover = LoopBound(handover, to: loop)
        await server.share(LoopBound<any ConnectionHandover>(handover, to: loop))
        try handover.open()
    }

    /// Closes the sessions and exits.
    package func stop() {
        end(code: ExitCode.success, timeout: Self.stopTimeout)
    }

    private func received(_ command: WorkerLink.Command) {
        switch command {
        case .stop: stop()
        case .drain(let plan): loop.startTask { await self.drain(plan) }
        case .report: loop.startTask { await self.reportCounters() }
        case .measure:
            wasMeasured = true
            loop.startTask { await self.sendSamples() }
        }
    }

    private func reportCounters() async {
        report(.counters(server: await server.status, hub: nil, workers: nil))
    }

    /// Sends the clients away and exits.
    private func drain(_ plan: DrainPlan) async {
        guard !isDraining, !isEnding else { return }
        isDraining = true
        state.isStopping = true
        handover?.value.drain()
        await server.drain(plan)
        stop()
    }

    /// Closes the sessions and exits. The clients connect to another worker or to this worker's successor.
    private func linkEnded(_ reason: LinkEnd) {
        guard !isEnding else { return }
        report(.linkEnded(reason))
        end(code: ExitCode.unavailable, timeout: Self.orphanTimeout)
    }

    private func end(code: CInt, timeout: Duration) {
        guard !isEnding else { return }
        isEnding = true
        state.isStopping = true
        loop.startTask { await self.exit(code: code, timeout: timeout) }
    }

    private func exit(code: CInt, timeout: Duration) async {
        await server.close(timeout: timeout)
        if wasMeasured { await sendSamples() }
        loop.machine.exit(code: code)
    }
}
