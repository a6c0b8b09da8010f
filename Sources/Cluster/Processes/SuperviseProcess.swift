import Actors
import Glibc
import Persistence
import Transport

/// The primary process of a server with several workers, from start to end: hub, store and supervisor on one loop.
package actor SuperviseProcess {
    /// The configuration of the server and its workers.
    package struct Options: Sendable {
        /// The name or address to listen on; nil to listen on no port.
        package var host: String?
        /// The port of the first worker. Each further worker has the next port. If it is 0, each worker has a free
        /// port.
        package var port: UInt16
        package var workers: Int
        /// True if all workers accept connections on the same sockets. Otherwise each worker has its own.
        package var sharesPort: Bool
        /// The time within which a stop or a replacement sends the clients away; zero to close all sessions at once.
        package var drainTime: Duration
        /// The Unix domain sockets to listen on. If the workers do not share them, each has its own
        /// (``SocketAddress/ofWorker(_:)``).
        package var unixSockets: [SocketAddress] = []
        /// The listening sockets of each worker that a service manager has passed. If it is not empty, the workers
        /// listen on no others.
        package var inherited: [[ListeningSocket]] = []
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
        /// The path of the program that the workers run.
        package var executable: String
        /// The signals to handle; they must be blocked. SIGCHLD reaps children, SIGUSR1 asks for the counters, SIGHUP
        /// replaces the workers, SIGTERM stops the server within ``drainTime``, and the others stop it at once. Without
        /// SIGCHLD, workers are reaped when their link ends.
        package var signals: [CInt]

        package init(
            host: String?, port: UInt16, workers: Int, sharesPort: Bool = false, recovery: RecoveryOptions?,
            drainTime: Duration = .zero, executable: String, signals: [CInt] = []
        ) {
            self.host = host
            self.port = port
            self.workers = workers
            self.sharesPort = sharesPort
            self.drainTime = drainTime
            self.recovery = recovery
            self.executable = executable
            self.signals = signals
        }
    }

    nonisolated let loop: EventLoop
    private let options: Options
    private let openStore: (@Sendable (_ epoch: String) throws -> any MessageStore)?
    private let command: @Sendable (WorkerStart) -> WorkerCommandLine
    private let mayReplace: @Sendable () -> Bool
    private let observer: (any HubObserver)?
    let report: @Sendable (ProcessReport) -> Void
    private let onEnd: @Sendable (ProcessOutcome) -> Void
    private var hub: Hub?
    var commands: CommandServer?
    private(set) var supervisor: Supervisor?
    /// The bound sockets of each port, in slot order. They stay open for the workers' successors.
    private var sockets: [[ListeningSocket]] = []
    /// The addresses of each worker, in slot order; one list if they are shared.
    private var addresses: [[SocketAddress]] = []
    /// The slots that have been ready for connections at least once.
    private var readySlots: Set<Int> = []
    /// The number of workers whose addresses were reported. They are reported in slot order.
    private var announcedCount = 0
    private var state = ReadinessState()
    private var isStopping: Bool { state.isStopping }
    /// Made when the server has started.
    private var adminReports: [ProcessReport] = []
    private let startedAt: Duration
    private var isEndingAtOnce = false

    package nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    /// - Parameters:
    ///   - openStore: opens the store and records the epoch in it; nil to store no messages.
    ///   - command: returns the command line of a worker's process.
    ///   - mayReplace: called on the loop for SIGHUP, before the workers are replaced; returns false to keep them.
    ///   - report: called on the loop with each report.
    ///   - onEnd: called on the loop with the outcome. Only the first call counts. If the store was lost or the stop
    ///     took too long, resources may still be open.
    package init(
        on loop: EventLoop, _ options: Options, observer: (any HubObserver)? = nil,
        openStore: (@Sendable (_ epoch: String) throws -> any MessageStore)?,
        command: @escaping @Sendable (WorkerStart) -> WorkerCommandLine,
        mayReplace: @escaping @Sendable () -> Bool = { true },
        report: @escaping @Sendable (ProcessReport) -> Void, onEnd: @escaping @Sendable (ProcessOutcome) -> Void
    ) {
        self.loop = loop
        self.options = options
        self.observer = observer
        self.openStore = openStore
        self.command = command
        self.mayReplace = mayReplace
        self.report = report
        self.onEnd = onEnd
        startedAt = loop.machine.wallClock
    }

    /// Starts to serve. If that fails, the process ends.
    package func start() async {
        do {
            try await open()
        } catch {
            await close()
            report(.startFailed(error))
            onEnd(isStopping ? .stopped : .startFailed(error))
        }
    }

    private func open() async throws {
        if !options.signals.isEmpty {
            try SignalSource(options.signals, on: loop) { [self] in received(signal: $0) }
        }
        let patience = StartPatience(on: loop)
        if let address = options.admin { try await openAdmin(address, patience) }
        for slot in 0..<(options.sharesPort ? 1 : options.workers) { sockets.append(try await bind(slot, patience)) }
        let epoch = Hub.newEpoch(on: loop)
        let store = try await patience.attempt(unless: isStopping) { try openStore?(epoch) }
        let hub = Hub(
            loop: loop, store: store, epoch: epoch, recovery: options.recovery,
            backplane: options.backplane?.makeBackplane(loop), observer: observer,
            report: ProcessReport.hubReportHandler(report, onEnd))
        self.hub = hub
        addresses = sockets.map(ServerSockets.addresses)
        await hub.start()
        if let socket = options.commands { try await openCommands(socket, of: hub) }
        guard !isStopping else { return await end() }
        for adminReport in adminReports { report(adminReport) }
        startWorkers(of: hub)
    }

    private func openAdmin(_ address: AdminAddress, _ patience: StartPatience) async throws {
        let admin = AdminServer(
            on: loop, readiness: { [weak self] in self?.assumeIsolated { $0.readiness } ?? .draining },
            samples: { [weak self] in await self?.samples ?? MetricSamples() })
        let (serving, missing) = try await admin.open(address, patience)
        adminReports = missing.map { .addressMissing($0) } + serving.map { .adminServing($0) }
    }

    private var readiness: ServerReadiness {
        state.readiness(
            storeIsUp: hub?.assumeIsolated { $0.storeIsUp } ?? true,
            workersUp: supervisor?.assumeIsolated { $0.counters.up })
    }

    /// The metrics of the whole server.
    var samples: MetricSamples {
        get async {
            var samples = MetricSamples()
            if let supervisor { samples.merge(await supervisor.measure()) }
            if let hub { samples.merge(await hub.samples) }
            samples.merge(ProcessUsage.samples)
            if let measure = options.measure { samples.merge(measure()) }
            samples.add(.ready, isTrue: readiness == .ok)
            samples.add(.startTime, duration: startedAt)
            return samples
        }
    }

    /// Binds the listening sockets of one worker.
    private func bind(_ slot: Int, _ patience: StartPatience) async throws -> [ListeningSocket] {
        guard options.inherited.isEmpty else { return options.inherited[slot] }
        let port = options.port == 0 ? 0 : options.port + UInt16(slot)
        let (sockets, missing) = try await patience.attempt(unless: isStopping) {
            try ServerSockets.bind(
                host: options.host, port: port, unixSockets: options.unixSockets, ofWorker: slot, on: loop.machine)
        }
        if slot == 0 {
            for address in missing { report(.addressMissing(address)) }
        }
        return sockets
    }

    private func startWorkers(of hub: Hub) {
        let supervisor = Supervisor(
            loop: loop, hub: hub,
            Supervisor.Options(
                executable: options.executable,
                sockets: options.sharesPort ? Array(repeating: sockets[0], count: options.workers) : sockets,
                sharesPort: options.sharesPort, drainTime: options.drainTime,
                reapsWithoutSignals: !options.signals.contains(SIGCHLD)),
            command: command)
        self.supervisor = supervisor
        supervisor.assumeIsolated { supervisor in
            supervisor.start { [weak self] report in self?.assumeIsolated { $0.supervisorReported(report) } }
        }
    }

    /// Called on the loop.
    private nonisolated func received(signal: CInt) {
        switch signal {
        case SIGCHLD: assumeIsolated { $0.childEnded() }
        case SIGUSR1: loop.startTask { await self.reportCounters() }
        case SIGHUP: assumeIsolated { $0.replaceWorkers() }
        default: assumeIsolated { $0.stop(isGraceful: signal == SIGTERM) }
        }
    }

    private func childEnded() {
        supervisor?.assumeIsolated { $0.childEnded(reapingForeign: true) }
    }

    private func supervisorReported(_ report: Supervisor.Report) {
        self.report(.supervisor(report))
        switch report {
        case .serving(let slot, _): announce(slot)
        case .stopped: loop.startTask { await self.end() }
        default: break
        }
    }

    private func replaceWorkers() {
        guard !isStopping, mayReplace() else { return }
        supervisor?.assumeIsolated { $0.replaceWorkers() }
    }

    /// Reports each address once, in slot order; shared ones with the first worker.
    private func announce(_ slot: Int) {
        let isNew = readySlots.insert(slot).inserted
        while announcedCount < addresses.count, options.sharesPort || readySlots.contains(announcedCount) {
            for address in addresses[announcedCount] { report(.serving(address)) }
            announcedCount += 1
        }
        guard isNew, readySlots.count == options.workers else { return }
        state.hasStarted = true
        report(.ready(workers: options.workers))
    }

    private func reportCounters() async {
        report(.counters(server: nil, hub: await hub?.status, workers: await supervisor?.counters))
        await supervisor?.askForReports()
    }

    /// Stops the workers, closes the store, and then ends the process. A second call ends it at once.
    /// - Parameter isGraceful: false to send the clients away at once.
    package func stop(isGraceful: Bool = true) {
        guard !isStopping else { return endAtOnce() }
        state.isStopping = true
        report(.stopping)
        hub?.assumeIsolated { $0.stopBegins() }
        StopLimit.start(on: loop, after: isGraceful ? options.drainTime : .zero, report: report, onEnd: onEnd)
        // While there is no supervisor, `start` is still running and ends the process itself.
        guard let supervisor else { return }
        // The ports close as soon as the workers have closed them too, so that clients are refused.
        closeSockets()
        supervisor.assumeIsolated { $0.stop(isGraceful: isGraceful) }
    }

    /// Kills the workers, and ends the process. Every message that the hub has received is stored.
    private func endAtOnce() {
        guard let supervisor, !isEndingAtOnce else { return }
        isEndingAtOnce = true
        report(.stoppingAtOnce)
        loop.startTask {
            await supervisor.killAll()
            await self.end()
        }
    }

    /// Kills the workers that still run after the process has ended because of an error or an overdue stop, so that no
    /// process of theirs stays behind in a program that continues.
    package func endWorkers() async {
        state.isStopping = true
        await supervisor?.killAll()
        for socket in sockets.joined() { socket.removeFile() }
    }

    private func closeSockets() {
        ServerSockets.close(sockets.joined())
        sockets = []
    }

    private func close() async {
        closeSockets()
        await commands?.close()
        await hub?.close()
    }

    private func end() async {
        await close()
        report(.stopped)
        onEnd(.stopped)
    }
}
