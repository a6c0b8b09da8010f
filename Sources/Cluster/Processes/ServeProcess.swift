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
        /// The signals to handle; they must be blocked. SIGUSR1 asks for the counters, the others stop the server.
        package var signals: [CInt]

        package init(host: String?, port: UInt16, recovery: RecoveryOptions?, signals: [CInt] = []) {
            self.host = host
            self.port = port
            self.recovery = recovery
            self.signals = signals
        }
    }

    private nonisolated let loop: EventLoop
    private let options: Options
    private let server: SocketServer
    private let openStore: (@Sendable (_ epoch: String) throws -> any MessageStore)?
    private let observer: (any HubObserver)?
    private let report: @Sendable (ProcessReport) -> Void
    private let onEnd: @Sendable (ProcessOutcome) -> Void
    private var hub: Hub?
    /// The sockets that are bound and not yet given to the server.
    private var sockets: [ListeningSocket] = []
    /// All sockets that are bound.
    private var bound: [ListeningSocket] = []
    private var hasStarted = false
    private var isStopping = false

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
    }

    /// Starts to serve. If that fails, the process ends.
    package func start() async {
        do {
            try await open()
        } catch {
            removeFiles()
            for socket in sockets { socket.close() }
            await hub?.close()
            report(.startFailed(error))
            return onEnd(isStopping ? .stopped : .startFailed(error))
        }
        hasStarted = true
        guard !isStopping else { return await end() }
        for address in ServerSockets.addresses(of: bound) { report(.serving(address)) }
        report(.ready(workers: nil))
    }

    private func open() async throws {
        if !options.signals.isEmpty {
            try SignalSource(options.signals, on: loop) { [self] in received(signal: $0) }
        }
        let patience = StartPatience(on: loop)
        let missing: [SocketAddress]
        (bound, missing) = try await patience.attempt(unless: isStopping) { try bind() }
        sockets = bound
        for address in missing { report(.addressMissing(address)) }
        let epoch = Hub.newEpoch(on: loop)
        let store = try await patience.attempt(unless: isStopping) { try openStore?(epoch) }
        let hub = Hub(
            loop: loop, store: store, epoch: epoch, recovery: options.recovery, observer: observer,
            report: ProcessReport.hubReportHandler(report, onEnd))
        self.hub = hub
        try server.start(on: loop, adapter: DirectLink(to: hub, store: store))
        await hub.start()
        sockets = []
        try await server.listen(on: bound)
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
            if signal == SIGUSR1 { await reportCounters() } else { await stop() }
        }
    }

    private func reportCounters() async {
        report(.counters(server: await server.status, hub: await hub?.status, workerStarts: nil))
    }

    /// Closes every connection and the store, and then ends the process.
    package func stop() async {
        guard !isStopping else { return }
        isStopping = true
        report(.stopping)
        StopLimit.start(on: loop, report: report, onEnd: onEnd)
        // While `start` is still running, it ends the process itself.
        if hasStarted { await end() }
    }

    private func end() async {
        removeFiles()
        await server.close()
        await hub?.close()
        report(.stopped)
        onEnd(.stopped)
    }
}
