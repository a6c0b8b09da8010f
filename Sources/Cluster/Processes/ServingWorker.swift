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
    private let socketCount: Int
    private let openHistory: (@Sendable () throws -> any History)?
    private let report: @Sendable (ProcessReport) -> Void
    private var isEnding = false

    package nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    /// - Parameters:
    ///   - server: the server, set up and not started.
    ///   - socketCount: the number of listening sockets that the process inherited.
    ///   - openHistory: opens the stored messages for reading; nil if there are none.
    ///   - report: called on the loop with each report.
    package init(
        _ server: SocketServer, on loop: EventLoop, socketCount: Int,
        openHistory: (@Sendable () throws -> any History)?,
        report: @escaping @Sendable (ProcessReport) -> Void
    ) {
        self.loop = loop
        self.server = server
        self.socketCount = socketCount
        self.openHistory = openHistory
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
        let link = WorkerLink(ends, on: loop, history: try openHistory?()) { [weak self] command in
            self?.assumeIsolated { $0.received(command) }
        } ended: { [weak self] reason in
            self?.assumeIsolated { $0.linkEnded(reason) }
        }
        try await link.open()
        guard !isEnding else { return }
        try server.start(on: loop, adapter: link)
        try await server.listen(on: sockets)
        await link.serving()
    }

    /// Closes the sessions and exits.
    package func stop() {
        end(code: ExitCode.success, timeout: Self.stopTimeout)
    }

    private func received(_ command: WorkerLink.Command) {
        switch command {
        case .stop: stop()
        case .report: loop.startTask { await self.reportCounters() }
        }
    }

    private func reportCounters() async {
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
        await server.close(timeout: timeout)
        loop.machine.exit(code: code)
    }
}
