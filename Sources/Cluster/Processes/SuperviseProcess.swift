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
        /// The Unix domain sockets to listen on. Each worker has its own (``SocketAddress/ofWorker(_:)``).
        package var unixSockets: [SocketAddress] = []
        /// The listening sockets of each worker that a service manager has passed. If it is not empty, the workers
        /// listen on no others.
        package var inherited: [[ListeningSocket]] = []
        /// The limits of connection state recovery; nil to keep no lost sessions.
        package var recovery: RecoveryOptions?
        /// The path of the program that the workers run.
        package var executable: String
        /// The signals to handle; they must be blocked. SIGCHLD reaps children, SIGUSR1 asks for the counters, SIGHUP
        /// has no effect, and the others stop the server. Without SIGCHLD, workers are reaped when their link ends.
        package var signals: [CInt]

        package init(
            host: String?, port: UInt16, workers: Int, recovery: RecoveryOptions?, executable: String,
            signals: [CInt] = []
        ) {
            self.host = host
            self.port = port
            self.workers = workers
            self.recovery = recovery
            self.executable = executable
            self.signals = signals
        }
    }

    private nonisolated let loop: EventLoop
    private let options: Options
    private let openStore: (@Sendable (_ epoch: String) throws -> any MessageStore)?
    private let command: @Sendable (_ slot: Int, _ socketCount: Int) -> WorkerCommandLine
    private let observer: (any HubObserver)?
    private let report: @Sendable (ProcessReport) -> Void
    private let onEnd: @Sendable (ProcessOutcome) -> Void
    private var hub: Hub?
    private var supervisor: Supervisor?
    /// The bound sockets of each worker, in slot order. They stay open for the workers' successors.
    private var sockets: [[ListeningSocket]] = []
    /// The addresses of each worker, in slot order.
    private var addresses: [[SocketAddress]] = []
    /// The slots that have been ready for connections at least once.
    private var readySlots: Set<Int> = []
    /// The number of workers whose addresses were reported. They are reported in slot order.
    private var announcedCount = 0
    private var isStopping = false

    package nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    /// - Parameters:
    ///   - openStore: opens the store and records the epoch in it; nil to store no messages.
    ///   - command: returns the command line of a worker's process.
    ///   - report: called on the loop with each report.
    ///   - onEnd: called on the loop with the outcome. Only the first call counts. If the store was lost or the stop
    ///     took too long, resources may still be open.
    package init(
        on loop: EventLoop, _ options: Options, observer: (any HubObserver)? = nil,
        openStore: (@Sendable (_ epoch: String) throws -> any MessageStore)?,
        command: @escaping @Sendable (_ slot: Int, _ socketCount: Int) -> WorkerCommandLine,
        report: @escaping @Sendable (ProcessReport) -> Void, onEnd: @escaping @Sendable (ProcessOutcome) -> Void
    ) {
        self.loop = loop
        self.options = options
        self.observer = observer
        self.openStore = openStore
        self.command = command
        self.report = report
        self.onEnd = onEnd
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
        for slot in 0..<options.workers { sockets.append(try await bind(slot, patience)) }
        let epoch = Hub.newEpoch(on: loop)
        let store = try await patience.attempt(unless: isStopping) { try openStore?(epoch) }
        let hub = Hub(
            loop: loop, store: store, epoch: epoch, recovery: options.recovery, observer: observer,
            report: ProcessReport.hubReportHandler(report, onEnd))
        self.hub = hub
        addresses = sockets.map(ServerSockets.addresses)
        await hub.start()
        guard !isStopping else { return await end() }
        startWorkers(of: hub)
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
        let workers = sockets.enumerated().map { slot, sockets in
            Supervisor.Worker(sockets: sockets, command: command(slot, sockets.count))
        }
        let supervisor = Supervisor(
            loop: loop, hub: hub, executable: options.executable, workers: workers,
            reapsWithoutSignals: !options.signals.contains(SIGCHLD))
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
        case SIGHUP: report(.hangUpIgnored)
        default: assumeIsolated { $0.stop() }
        }
    }

    private func childEnded() {
        supervisor?.assumeIsolated { $0.childEnded(reapingForeign: true) }
    }

    private func supervisorReported(_ report: Supervisor.Report) {
        self.report(.supervisor(report))
        switch report {
        case .serving(let slot): announce(slot)
        case .stopped: loop.startTask { await self.end() }
        default: break
        }
    }

    /// Reports each address once, in slot order.
    private func announce(_ slot: Int) {
        readySlots.insert(slot)
        while readySlots.contains(announcedCount) {
            for address in addresses[announcedCount] { report(.serving(address)) }
            announcedCount += 1
            if announcedCount == addresses.count { report(.ready(workers: announcedCount)) }
        }
    }

    private func reportCounters() async {
        report(.counters(server: nil, hub: await hub?.status, workerStarts: await supervisor?.starts))
        await supervisor?.askForReports()
    }

    /// Stops the workers, closes the store, and then ends the process.
    package func stop() {
        guard !isStopping else { return }
        isStopping = true
        report(.stopping)
        StopLimit.start(on: loop, report: report, onEnd: onEnd)
        // While there is no supervisor, `start` is still running and ends the process itself.
        supervisor?.assumeIsolated { $0.stop() }
    }

    /// Kills the workers that still run after the process has ended because of an error or an overdue stop, so that no
    /// process of theirs stays behind in a program that continues.
    package func endWorkers() async {
        isStopping = true
        await supervisor?.killAll()
        for socket in sockets.joined() { socket.removeFile() }
    }

    private func closeSockets() {
        ServerSockets.close(sockets.joined())
        sockets = []
    }

    private func close() async {
        closeSockets()
        await hub?.close()
    }

    private func end() async {
        await close()
        report(.stopped)
        onEnd(.stopped)
    }
}
