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
    private let options: ServerOptions
    private let socketCount: Int
    private let openHistory: @Sendable () throws -> any History
    private let install: @Sendable (Server) async throws -> Void
    private let report: @Sendable (ProcessReport) -> Void
    private var server: Server?
    private var isEnding = false

    package nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    /// - Parameters:
    ///   - socketCount: the number of listening sockets that the process inherited.
    ///   - openHistory: opens the stored messages for reading.
    ///   - install: adds the application to the server, before it listens.
    ///   - report: called on the loop with each report.
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

    /// Closes the sessions and exits. The clients connect to another worker or to this worker's successor.
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
