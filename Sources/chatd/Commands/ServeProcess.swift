import Actors
import Cluster
import Glibc
import Persistence
import Transport

/// The parts of a serving process, from its start to its end.
actor ServeProcess {
    private let loop: EventLoop
    private let store: SQLiteStore
    private let hub: Hub
    private let server: Server
    private let pages: Pages
    private let enginePath: String
    private var isStopping = false

    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    init(loop: EventLoop, store: SQLiteStore, epoch: String, options: ServeOptions, pages: Pages) {
        self.loop = loop
        self.store = store
        self.pages = pages
        enginePath = options.server.engine.path
        hub = Hub(loop: loop, store: store, epoch: epoch, recovery: options.recovery) { LogReports.hub($0) }
        server = Server(loop: loop, options: options.server, adapter: DirectLink(to: hub, store: store)) {
            LogReports.server($0)
        }
    }

    /// Sets up the chat and begins to serve.
    /// - Parameter stopSignals: the signals that end it, which are blocked.
    func start(on sockets: [ListeningSocket], stopSignals: [CInt]) async {
        do {
            try SignalSource(stopSignals + [SIGUSR1], on: loop) { [self] in received(signal: $0) }
            Chat.install(on: server)
            try await pages.install(on: server, below: enginePath)
            await hub.start()
            try await server.listen(on: sockets)
        } catch {
            Console.complain("chatd: \(error)")
            exit(ExitCode.unavailable)
        }
        Console.announce("server running at \(sockets[0].address.url)")
    }

    /// Called on the loop.
    private nonisolated func received(signal: CInt) {
        if signal == SIGUSR1 {
            loop.startTask { await self.logCounters() }
        } else {
            loop.startTask { await self.stop() }
        }
    }

    private func logCounters() async {
        Console.log(LogReports.counters(await server.status, await hub.status), .answer)
    }

    private func stop() async {
        guard !isStopping else { return }
        isStopping = true
        Console.log("stopping")
        StopLimit.start()
        await server.close()
        await hub.close()
        Console.log("stopped")
        exit(ExitCode.success)
    }
}
