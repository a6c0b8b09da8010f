import Actors
import Cluster
import Glibc
import Persistence
import Transport

/// The parts of a worker's process, from its start to its end.
actor ServingWorker {
    /// How long sessions may take to close when the link is over: nobody waits for it.
    private static let orphanTimeout = Duration.milliseconds(500)

    private let loop: EventLoop
    private let store: SQLiteReader
    private let pages: Pages
    private let options: ServeOptions
    private let ends: PipePair.Ends
    private var server: Server?
    private var isEnding = false

    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    init(loop: EventLoop, link: PipePair.Ends, store: SQLiteReader, options: ServeOptions, pages: Pages) {
        self.loop = loop
        self.store = store
        self.pages = pages
        self.options = options
        ends = link
    }

    /// Opens the link, sets up the chat and begins to serve.
    func start(on sockets: [ListeningSocket]) async {
        let link = WorkerLink(ends, on: loop, store: store) { [self] command in
            assumeIsolated { $0.received(command) }
        } ended: { [self] reason in
            assumeIsolated { $0.linkEnded(reason) }
        }
        do {
            try await link.open()
            let server = Server(loop: loop, options: options.server, adapter: link) { LogReports.server($0) }
            self.server = server
            Chat.install(on: server)
            try await pages.install(on: server, below: options.server.engine.path)
            try await server.listen(on: sockets)
            await link.serving()
        } catch {
            Console.log("error: cannot start: \(error)")
            exit(ExitCode.unavailable)
        }
    }

    private func received(_ command: WorkerLink.Command) {
        switch command {
        case .stop: loop.startTask { await self.end(code: ExitCode.success, timeout: .seconds(2)) }
        case .report: loop.startTask { await self.logCounters() }
        }
    }

    private func logCounters() async {
        guard let server else { return }
        Console.log(LogReports.counters(await server.status), .answer)
    }

    /// What is done from here on nobody orders: clients turn to another worker, or to the next one in this slot.
    private func linkEnded(_ reason: LinkEnd) {
        guard !isEnding else { return }
        Console.log("the link to the supervisor is over: \(reason)")
        loop.startTask { await self.end(code: ExitCode.unavailable, timeout: Self.orphanTimeout) }
    }

    private func end(code: Int32, timeout: Duration) async {
        guard !isEnding else { return }
        isEnding = true
        await server?.close(timeout: timeout)
        exit(code)
    }
}
