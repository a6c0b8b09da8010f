import Actors
import Glibc
import Persistence
import Transport

extension SocketServer {
    /// True if this process is a worker that ``run(host:port:workers:onServing:)`` of the same program started.
    public static var isWorker: Bool { WorkerVariable.current != nil }

    /// Serves until the task is cancelled; then closes every connection and returns.
    ///
    /// Without `workers` the server runs in this process, on a thread of its own. With `workers` it runs on several
    /// cores: this process orders the events and starts this executable again for each worker, with the same arguments.
    /// The program runs in each worker up to this call, which never returns there, so do only in
    /// `if !SocketServer.isWorker { … }` what must happen once. A worker that ends is replaced; its clients connect to
    /// it again. If this process ends, its workers end too.
    ///
    /// Handlers run on the server's thread, so they must not block.
    /// - Parameters:
    ///   - host: The name or address to listen on. `localhost` means 127.0.0.1 and ::1; `::` means every interface.
    ///   - port: The port to listen on; 0 picks a free one. The second worker listens on the next port, and so on.
    ///   - workers: The number of worker processes; nil to serve in this process.
    ///   - onServing: Called once for each port, on the server's thread, when clients can connect to this address. By
    ///     default the address is written to standard error.
    /// - Throws: ``ListeningSocket/BindError`` if a port is in use or this machine does not have the host's address;
    ///   ``StoreError`` if the database cannot be opened or must not be written any more; ``SystemError`` if the
    ///   process has no descriptor or thread left; ``AlreadyStarted`` if the server was started before;
    ///   ``DatabaseOfOneProcess`` if workers cannot share the database.
    public func run(
        host: String = "localhost", port: UInt16 = 3000, workers: WorkerCount? = nil,
        onServing: (@Sendable (SocketAddress) -> Void)? = nil
    ) async throws {
        let onServing = onServing ?? { ReportOutput.write("server running at \($0.url)") }
        // Writing to a closed pipe must be an error and must not end the process.
        signal(SIGPIPE, SIG_IGN)
        if let worker = WorkerVariable.current { return try await runWorker(worker) }
        var recovery = options.recovery
        recovery?.detectionTime = options.engine.pingInterval + options.engine.pingTimeout
        if let workers {
            try await runWorkers(
                SuperviseProcess.Options(
                    host: host, port: port, workers: workers.count, recovery: recovery,
                    executable: try WorkerProcess.executablePath()), onServing)
        } else {
            try await runHere(ServeProcess.Options(host: host, port: port, recovery: recovery), onServing)
        }
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
        }
    }

    private func runWorkers(
        _ options: SuperviseProcess.Options, _ onServing: @escaping @Sendable (SocketAddress) -> Void
    ) async throws {
        if let database, database.openHistory == nil { throw DatabaseOfOneProcess() }
        let arguments = Array(CommandLine.arguments.dropFirst())
        let run = try ServerRun(onServing: onServing)
        let process = SuperviseProcess(
            on: run.loop, options, openStore: database?.openStore,
            command: { slot, sockets in
                let variable = WorkerVariable(slot: slot, sockets: sockets)
                return WorkerCommandLine(arguments: arguments, variables: [WorkerVariable.name: variable.text])
            }, report: run.report, onEnd: run.end)
        try await run.wait {
            await process.start()
        } stop: {
            await process.stop()
        }
    }

    /// Serves as a worker, until the process exits.
    private func runWorker(_ worker: WorkerVariable) async throws {
        WorkerProcess.endWithParent(worker.parent)
        // The program's own children are not workers.
        unsetenv(WorkerVariable.name)
        let run = try ServerRun { _ in }
        let process = ServingWorker(
            self, on: run.loop, socketCount: worker.sockets, openHistory: database?.openHistory, report: run.report)
        try await run.wait {
            await process.start()
        } stop: {
            await process.stop()
        }
    }
}

/// Worker processes cannot use a database in memory.
public struct DatabaseOfOneProcess: Error, Sendable {}
