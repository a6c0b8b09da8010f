import Actors
import Persistence
import Transport

/// A worker's process, from its start to its end: the link to the hub, and a server.
package actor ServingWorker {
    /// How long sessions may take to close when the process is asked to stop.
    private static let stopTimeout = Duration.seconds(2)
    /// The same when the link is over: nobody waits for it.
    private static let orphanTimeout = Duration.milliseconds(500)

    private nonisolated let loop: EventLoop
    private let options: ServerOptions
    private let socketCount: Int
    private let openHistory: @Sendable () throws -> any History
    private let install: @Sendable (Server) async throws -> Void
    private let report: @Sendable (ProcessReport) -> Void
    private var server: Server?
    private var isEnding = false

    package nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    /// - Parameters:
    ///   - socketCount: how many listening sockets the process was started with.
    ///   - openHistory: opens the stored messages for reading.
    ///   - install: adds the application to a server that does not listen yet.
    ///   - report: called on the loop.
    package init(
        on loop: EventLoop, _ options: ServerOptions, socketCount: Int,
        openHistory: @escaping @Sendable () throws -> any History,
        install: @escaping @Sendable (Server) async throws -> Void,
        report: @escaping @Sendable (ProcessReport) -> Void
    ) {
        self.loop = loop
        self.options = options
        self.socketCount = socketCount
        self.openHistory = openHistory
        self.install = install
        self.report = report
    }

    /// Opens the link and begins to serve, or ends the process.
    package func start() async {
        do {
            try await open()
        } catch {
            // The link may have ended meanwhile: then the process is ending already.
            guard !isEnding else { return }
            report(.startFailed(error))
            loop.machine.exit(code: ExitCode.unavailable)
        }
    }

    private func open() async throws {
        // The link does not keep this actor: its server keeps the link.
        loop.atEnd { [self] in withExtendedLifetime(self) {} }
        let (ends, sockets) = try WorkerProcess.inherited(sockets: socketCount, on: loop.machine)
        let link = WorkerLink(ends, on: loop, history: try openHistory()) { [weak self] command in
            self?.assumeIsolated { $0.received(command) }
        } ended: { [weak self] reason in
            self?.assumeIsolated { $0.linkEnded(reason) }
        }
        try await link.open()
        guard !isEnding else { return }
        let server = Server(loop: loop, options: options, adapter: link, report: { [report] in report(.server($0)) })
        self.server = server
        try await install(server)
        guard !isEnding else { return }
        try await server.listen(on: sockets)
        await link.serving()
    }

    private func received(_ command: WorkerLink.Command) {
        switch command {
        case .stop: end(code: ExitCode.success, timeout: Self.stopTimeout)
        case .report: loop.startTask { await self.reportCounters() }
        }
    }

    private func reportCounters() async {
        guard let server else { return }
        report(.counters(server: await server.status, hub: nil, workerStarts: nil))
    }

    /// Clients turn to another worker, or to the next one in this slot.
    private func linkEnded(_ reason: LinkEnd) {
        guard !isEnding else { return }
        report(.linkEnded(reason))
        end(code: ExitCode.unavailable, timeout: Self.orphanTimeout)
    }

    private func end(code: CInt, timeout: Duration) {
        guard !isEnding else { return }
        isEnding = true
        loop.startTask { await self.exit(code: code, timeout: timeout) }
    }

    private func exit(code: CInt, timeout: Duration) async {
        await server?.close(timeout: timeout)
        loop.machine.exit(code: code)
    }
}
