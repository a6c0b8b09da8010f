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
    /// The values of which these options were made.
    let values: OptionValues
    static let own = [
        CommandOption(
            name: "workers", value: "auto|N", defaultValue: "auto",
            help: "The number of worker processes. auto: one per available core, limited by CPU affinity and by the "
                + "CPU quota of the control group.",
            needsRestart: true),
        CommandOption(
            name: "ports", value: "distinct|shared", defaultValue: "distinct",
            help: "distinct: the first worker serves --port, the second the next port, and so on. shared: all workers "
                + "serve --port, and each request reaches its session whichever worker accepts it.",
            needsRestart: true),
    ]

    static var declarations: [CommandOption] { own + ServeOptions.declarations }

    /// - Parameters:
    ///   - environment: the variables that are options.
    ///   - opensSockets: false if a service manager passes the listening sockets, so that the options for them are
    ///     ignored.
    init(_ arguments: [String], environment: [String: String], opensSockets: Bool = true) throws(UsageError) {
        try self.init(Self.values(arguments, environment: environment), opensSockets: opensSockets)
    }

    /// The values of these options, with those of the configuration file.
    static func values(_ arguments: [String], environment: [String: String]) throws(UsageError) -> OptionValues {
        try OptionValues(
            arguments, of: declarations, environment: environment, readFile: ConfigurationFile.init(path:))
    }

    /// - Parameters:
    ///   - hasWorkers: false for a server in one process, to which the limits of workers do not apply.
    ///   - opensSockets: false if a service manager passes the listening sockets.
    init(_ values: OptionValues, hasWorkers: Bool = true, opensSockets: Bool = true) throws(UsageError) {
        self.values = values
        serve = try ServeOptions(values)
        workers =
            values.text("workers") == "auto"
            ? min(WorkerProcess.availableCores, Self.maxWorkers)
            : try values.integer("workers", in: 1...Self.maxWorkers, or: "auto")
        ports = try values.word("ports", of: ["distinct", "shared"]) == "shared" ? .shared : .distinct
        guard hasWorkers else { return }
        guard serve.database != .sqlite(path: SQLiteStore.memoryPath) else {
            throw values.error("db", "workers cannot share a database in memory; give a file")
        }
        for (name, value) in [
            ("max-payload", serve.server.engine.maxPayload), ("max-pending", serve.server.engine.maxPending),
        ] {
            guard value <= Self.maxMessage else {
                throw values.error(name, "workers take at most \(Self.maxMessage) bytes")
            }
        }
        if opensSockets, ports == .distinct { try checkSockets(values) }
    }

    /// Checks that there is a port or a path for each worker.
    private func checkSockets(_ values: OptionValues) throws(UsageError) {
        for address in serve.unixSockets {
            do {
                _ = try address.ofWorker(workers - 1)
            } catch {
                throw values.error("listen", "\(error)")
            }
        }
        guard serve.host == nil || serve.port == 0 || Int(serve.port) + workers - 1 <= 65535 else {
            throw values.error(
                "port", "\(workers) workers need ports up to \(Int(serve.port) + workers - 1), over 65535")
        }
    }
}
