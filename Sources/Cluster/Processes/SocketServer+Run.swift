import Actors
import Glibc
import Persistence
import Transport

extension SocketServer {
    /// True if this process is a worker that ``run(host:port:unixSockets:workers:ports:backplane:onServing:)`` of
    /// the same program started.
    public static var isWorker: Bool { WorkerVariable.current != nil }

    /// Serves until the task is cancelled; then closes every connection and returns.
    ///
    /// Without `workers` the server runs in this process, on a thread of its own. With `workers` it runs on several
    /// cores: this process orders the events and starts this executable again for each worker, with the same arguments.
    /// Each worker runs the program up to this call; there the call never returns. Put work that must happen only once
    /// in `if !SocketServer.isWorker { … }`. In this process the server then has no clients, so it drops what it emits.
    /// A worker that ends is replaced, and its clients connect again. If this process ends, its workers end too.
    ///
    /// In a worker, start no processes before this call: they would inherit the worker's link. A program can run one
    /// server with workers. Other servers of the program run in the first process only.
    ///
    /// Handlers run on the server's thread, so they must not block.
    /// - Parameters:
    ///   - host: The name or address to listen on. `localhost` means 127.0.0.1 and ::1; `::` means every interface; nil
    ///     means no port, only the Unix domain sockets.
    ///   - port: The port to listen on, at most 65535. The second worker listens on the next port, and so on. 0 gives
    ///     each worker a free port.
    ///   - unixSockets: The paths of Unix domain sockets to listen on as well, or `@` and a name in the abstract
    ///     namespace. The second worker has its own socket with `.1` appended to the path, and so on. The mode of the
    ///     files is 0660. A file that a server has left behind is replaced; the files are removed at the end.
    ///   - workers: The number of worker processes; nil to serve in this process.
    ///   - ports: Whether each worker has its own port and Unix domain sockets, or all share them.
    ///   - backplane: The service through which events reach servers on other hosts; nil for a server on one host.
    ///   - onServing: Called once for each port and each Unix domain socket, on the server's thread, when clients can
    ///     connect to this address. By default the address is written to standard error.
    /// - Throws: ``ListeningSocket/BindError`` if a port or path is in use or this machine does not have the host's
    ///   address; ``SocketAddress/PathError`` if no socket can have one of the paths; ``StoreError`` if the database
    ///   cannot be opened or must not be written any more; ``SystemError`` if the process has no descriptor or thread
    ///   left; ``AlreadyStarted`` if the server was started before; ``RunError`` if there is nothing to listen on or
    ///   the options do not allow workers.
    public func run(
        host: String? = "localhost", port: Int = 3000, unixSockets: [String] = [], workers: WorkerCount? = nil,
        ports: WorkerPorts = .distinct, backplane: BackplaneService? = nil,
        onServing: (@Sendable (SocketAddress) -> Void)? = nil
    ) async throws {
        let port = try RunError.checked(port)
        let unixSockets = try unixSockets.map { path throws in try SocketAddress(unixPath: path) }
        guard host != nil || !unixSockets.isEmpty else { throw RunError.nothingToListenOn }
        let onServing = onServing ?? { ReportOutput.write("server running at \($0.url)") }
        // Writing to a closed pipe must be an error and must not end the process.
        signal(SIGPIPE, SIG_IGN)
        if let worker = WorkerVariable.current {
            let isOwn = workers != nil && worker.port == port
            return isOwn ? try await runWorker(worker) : await waitForCancellation()
        }
        let recovery = recoveryOptions
        if let workers {
            refuseAdoptions()
            var process = SuperviseProcess.Options(
                host: host, port: port, workers: workers.count, sharesPort: ports == .shared, recovery: recovery,
                drainTime: options.drainTimeout, executable: try WorkerProcess.executablePath())
            process.unixSockets = unixSockets
            process.backplane = backplane
            try await runWorkers(process, onServing)
        } else {
            var process = ServeProcess.Options(
                host: host, port: port, recovery: recovery, drainTime: options.drainTimeout)
            process.unixSockets = unixSockets
            process.backplane = backplane
            try await runHere(process, onServing)
        }
    }

    /// Serves the connections of ``SocketServer/adopt(_:received:peer:)`` until the task is cancelled; then closes
    /// every connection and returns. Otherwise like
    /// ``run(host:port:unixSockets:workers:ports:backplane:onServing:)`` without `workers`.
    /// - Throws: ``StoreError`` if the database cannot be opened or must not be written any more; ``SystemError`` if
    ///   the process has no descriptor or thread left; ``AlreadyStarted`` if the server was started before.
    public func runWithoutListening() async throws {
        signal(SIGPIPE, SIG_IGN)
        if SocketServer.isWorker { return await waitForCancellation() }
        try await runHere(
            ServeProcess.Options(
                host: nil, port: 0, recovery: recoveryOptions, drainTime: options.drainTimeout)
        ) { _ in }
    }

    private var recoveryOptions: RecoveryOptions? {
        var recovery = options.recovery
        recovery?.detectionTime = options.engine.pingInterval + options.engine.pingTimeout
        return recovery
    }

    private func runHere(
        _ options: ServeProcess.Options, _ onServing: @escaping @Sendable (SocketAddress) -> Void
    ) async throws {
        let run = try ServerRun(onServing: onServing)
        let process = ServeProcess(
            self, on: run.loop, options, openStore: database?.openStore, report: run.report, onEnd: run.end)
        try await run.wait {
            await process.start()
        } stop: {
            await process.stop()
        } release: {
            await process.removeFiles()
        }
    }

    private func runWorkers(
        _ options: SuperviseProcess.Options, _ onServing: @escaping @Sendable (SocketAddress) -> Void
    ) async throws {
        try check(options)
        let arguments = Array(CommandLine.arguments.dropFirst())
        let run = try ServerRun(onServing: onServing)
        let process = SuperviseProcess(
            on: run.loop, options, openStore: database?.openStore,
            command: { start in
                let variable = WorkerVariable(start, port: options.port)
                return WorkerCommandLine(arguments: arguments, variables: [WorkerVariable.name: variable.text])
            }, report: run.report, onEnd: run.end)
        sources.setSamples { [weak process] in await process?.samples ?? MetricSamples() }
        try await run.wait {
            await process.start()
        } stop: {
            await process.stop()
        } release: {
            await process.endWorkers()
        }
    }

    private func check(_ process: SuperviseProcess.Options) throws {
        if let database, database.openHistory == nil { throw RunError.databaseNotShared }
        guard process.workers <= WorkerCount.limit else { throw RunError.tooManyWorkers(process.workers) }
        let lastPort = Int(process.port) + process.workers - 1
        guard process.port == 0 || process.sharesPort || lastPort <= UInt16.max else {
            throw RunError.portOutOfRange(lastPort)
        }
        if !process.sharesPort {
            for address in process.unixSockets { _ = try address.ofWorker(process.workers - 1) }
        }
        guard max(options.engine.maxPayload, options.engine.maxPending) <= FrameFormat.maxMessage else {
            throw RunError.messagesTooLarge(limit: FrameFormat.maxMessage)
        }
    }

    /// Waits in a worker in which another server of the program runs.
    func waitForCancellation() async {
        refuseAdoptions()
        let (stream, _) = AsyncStream.makeStream(of: Never.self)
        for await _ in stream {}
    }

    /// Serves as a worker, until the process exits.
    private func runWorker(_ worker: WorkerVariable) async throws {
        // The program's own children are not workers.
        unsetenv(WorkerVariable.name)
        WorkerProcess.leaveSignalsToSupervisor()
        let run = try ServerRun(isWorker: true)
        let process = ServingWorker(
            self, on: run.loop, worker.start, openHistory: database?.openHistory, report: run.report)
        try await run.wait {
            // The system ties this to the thread, so it must be the loop's, which lasts as long as the process.
            WorkerProcess.endWithParent(worker.parent)
            await process.start()
        } stop: {
            await process.stop()
        }
    }
}
