import Cluster
import Glibc
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
        let signals = stopSignals + [SIGUSR1, SIGCHLD] + (SignalSource.isIgnored(SIGHUP) ? [] : [SIGHUP])
        do {
            // To be told of a wrong directory once, and not by each worker.
            _ = try Pages(clientBundle: options.serve.clientBundle, webRoot: options.serve.webRoot)
            let executable = try executablePath()
            let loop = try EventLoop()
            let process = SuperviseProcess(
                on: loop,
                SuperviseProcess.Options(
                    host: options.serve.host, port: options.serve.port, workers: options.workers,
                    recovery: options.serve.recovery, executable: executable, signals: signals),
                openStore: { epoch in try options.serve.openStore(epoch: epoch, for: "supervise", notes: notes) },
                workerArguments: { slot, sockets in
                    WorkerOptions(slot: slot, parent: getpid(), sockets: sockets).arguments + options.workerArguments
                },
                report: LogReports.process)
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
}
