import Cluster
import Glibc
import Persistence
import Transport

/// The parts of the primary process, from its start to its end.
actor SuperviseProcess {
    private let loop: EventLoop
    private let store: SQLiteStore
    private let hub: Hub
    private let supervisor: Supervisor
    private let urls: [String]
    /// The workers that have accepted connections.
    private var served: Set<Int> = []
    /// How many were announced: the first ones.
    private var announced = 0
    private var isStopping = false

    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    init(
        loop: EventLoop, store: SQLiteStore, epoch: String, options: SuperviseOptions, executable: String,
        sockets: [[ListeningSocket]]
    ) {
        self.loop = loop
        self.store = store
        urls = sockets.map { $0[0].address.url }
        hub = Hub(loop: loop, store: store, epoch: epoch, recovery: options.serve.recovery) { LogReports.hub($0) }
        let workers = sockets.enumerated().map { slot, sockets in
            Supervisor.Worker(
                sockets: sockets,
                arguments: WorkerOptions(slot: slot, parent: getpid(), sockets: sockets.count).arguments
                    + options.workerArguments)
        }
        supervisor = Supervisor(loop: loop, hub: hub, executable: executable, workers: workers)
    }

    /// Begins to serve.
    func start() async {
        do {
            let signals = [SIGTERM, SIGINT, SIGUSR1, SIGCHLD] + (SignalSource.isIgnored(SIGHUP) ? [] : [SIGHUP])
            try SignalSource(signals, on: loop) { [self] in received(signal: $0) }
        } catch {
            Console.complain("chatd: \(error)")
            exit(ExitCode.unavailable)
        }
        await hub.start()
        await supervisor.start { [self] report in assumeIsolated { $0.received(report) } }
    }

    /// Called on the loop.
    private nonisolated func received(signal: CInt) {
        switch signal {
        case SIGCHLD: supervisor.assumeIsolated { $0.childEnded(reapingForeign: true) }
        case SIGUSR1: loop.startTask { await self.logCounters() }
        case SIGHUP: Console.log("SIGHUP: the server goes on")
        default: loop.startTask { await self.stop() }
        }
    }

    private func received(_ report: Supervisor.Report) {
        LogReports.supervisor(report)
        guard case .serving(let slot) = report else { return }
        served.insert(slot)
        // Each port once, in their order.
        while served.contains(announced) {
            Console.announce("server running at \(urls[announced])")
            announced += 1
        }
    }

    private func logCounters() async {
        Console.log(LogReports.counters(await hub.status, workerStarts: await supervisor.starts), .answer)
        await supervisor.askForReports()
    }

    private func stop() async {
        guard !isStopping else { return }
        isStopping = true
        Console.log("stopping")
        StopLimit.start()
        await supervisor.stop()
        await hub.close()
        Console.log("stopped")
        exit(ExitCode.success)
    }
}
