import Cluster
import Persistence
import Transport

/// The options of `chatd supervise`: those of `serve`, the number of workers, and the choice of their ports.
struct SuperviseOptions {
    static let maxWorkers = WorkerCount.limit
    /// The highest value of `--max-payload` and `--max-pending`, in bytes.
    static let maxMessage = FrameFormat.maxMessage

    let serve: ServeOptions
    let workers: Int
    let ports: WorkerPorts
    /// The options that are passed to each worker.
    let workerArguments: [String]

    static let own = [
        CommandOption(
            name: "workers", value: "auto|N", defaultValue: "auto",
            help: "The number of worker processes. auto: one per available core, limited by CPU affinity and by the "
                + "CPU quota of the control group."),
        CommandOption(
            name: "ports", value: "distinct|shared", defaultValue: "distinct",
            help: "distinct: the first worker serves --port, the second the next port, and so on. shared: all workers "
                + "serve --port, and each request reaches its session whichever worker accepts it."),
    ]

    static var declarations: [CommandOption] { own + ServeOptions.declarations }

    /// - Parameters:
    ///   - environment: the variables that are options.
    ///   - opensSockets: false if a service manager passes the listening sockets, so that the options for them are
    ///     ignored.
    init(_ arguments: [String], environment: [String: String], opensSockets: Bool = true) throws(UsageError) {
        let values = try OptionValues(arguments, of: Self.declarations, environment: environment)
        serve = try ServeOptions(values)
        workers =
            values.text("workers") == "auto"
            ? min(WorkerProcess.availableCores, Self.maxWorkers)
            : try values.integer("workers", in: 1...Self.maxWorkers, or: "auto")
        ports = try values.word("ports", of: ["distinct", "shared"]) == "shared" ? .shared : .distinct
        workerArguments = values.given(of: ServeOptions.declarations)
        guard serve.database != .sqlite(path: SQLiteStore.memoryPath) else {
            throw UsageError(description: "--db: workers cannot share a database in memory; give a file")
        }
        for (name, value) in [
            ("max-payload", serve.server.engine.maxPayload), ("max-pending", serve.server.engine.maxPending),
        ] {
            guard value <= Self.maxMessage else {
                throw UsageError(description: "--\(name): workers take at most \(Self.maxMessage) bytes")
            }
        }
        if opensSockets, ports == .distinct { try checkSockets() }
    }

    /// Checks that there is a port or a path for each worker.
    private func checkSockets() throws(UsageError) {
        for address in serve.unixSockets {
            do {
                _ = try address.ofWorker(workers - 1)
            } catch {
                throw UsageError(description: "--listen: \(error)")
            }
        }
        guard serve.host == nil || serve.port == 0 || Int(serve.port) + workers - 1 <= 65535 else {
            throw UsageError(
                description: "--port: \(workers) workers need ports up to \(Int(serve.port) + workers - 1), over 65535")
        }
    }
}
