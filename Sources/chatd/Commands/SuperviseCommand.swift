import Cluster
import Glibc
import Persistence
import Transport

/// `chatd supervise`: hub and store in this process, and worker processes that serve.
enum SuperviseCommand {
    /// Supervises until a signal ends it.
    /// - Parameter notes: what the operator should know of the environment.
    static func run(_ options: SuperviseOptions, notes: [String]) -> Never {
        // Whoever started this process may have ignored it, and then children leave no status and no signal.
        signal(SIGCHLD, SIG_DFL)
        SignalSource.block([SIGHUP, SIGCHLD])
        let stopSignals = [SIGTERM, SIGINT]
        do {
            // To be told of a wrong directory once, and not by each worker.
            _ = try Pages(clientBundle: options.serve.clientBundle, webRoot: options.serve.webRoot)
            let executable = try executablePath()
            let loop = try EventLoop()
            let patience = StartPatience(isOver: { SignalSource.isPending(stopSignals) })
            let sockets = try bind(options, patience)
            let epoch = Hub.newEpoch(on: loop)
            let store = try patience.attempt {
                try SQLiteStore(path: options.serve.database, epoch: epoch, options: options.serve.store)
            }
            Console.log(
                StartLine.text(
                    command: "supervise", database: options.serve.database, settings: options.serve.settings))
            LogReports.opened(store)
            for note in notes { Console.log(note) }
            let process = SuperviseProcess(
                loop: loop, store: store, epoch: epoch, options: options, executable: executable, sockets: sockets)
            loop.startTask { await process.start() }
            // Worker processes end with the thread that started them: this one never does.
            loop.run()
            exit(ExitCode.success)
        } catch {
            ServeCommand.fail(error, stopSignals: stopSignals)
        }
    }

    /// The path of this program, as it is now: a worker that is started later runs what is there then.
    private static func executablePath() throws(SystemError) -> String {
        var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("/proc/self/exe", &buffer, buffer.count)
        guard count > 0 else { throw SystemError("readlink") }
        return String(decoding: buffer.prefix(count), as: UTF8.self)
    }

    /// The sockets of each worker.
    private static func bind(_ options: SuperviseOptions, _ patience: StartPatience) throws -> [[ListeningSocket]] {
        var bound: [[ListeningSocket]] = []
        for slot in 0..<options.workers {
            let port = options.serve.port == 0 ? 0 : options.serve.port + UInt16(slot)
            let (sockets, missing) = try patience.attempt {
                try ListeningSocket.bind(host: options.serve.host, port: port)
            }
            if slot == 0 {
                for address in missing {
                    Console.log("not listening on \(address): this machine has no such address")
                }
            }
            bound.append(sockets)
        }
        return bound
    }
}
