import Cluster
import Glibc
import Transport

/// `chatd supervise`: hub and store in this process, and worker processes that serve.
enum SuperviseCommand {
    /// Runs the supervisor until a signal stops this process.
    /// - Parameters:
    ///   - readValues: reads the values of the options again.
    ///   - notes: log lines about the environment.
    ///   - environment: what a service manager has passed.
    static func run(
        _ options: SuperviseOptions, _ readValues: @escaping @Sendable () throws(UsageError) -> OptionValues,
        notes: [String], _ environment: ServiceEnvironment
    ) -> Never {
        // If the parent process ignored SIGCHLD, exited children would leave no status and send no signal.
        signal(SIGCHLD, SIG_DFL)
        SignalSource.block([SIGHUP, SIGCHLD])
        let stopSignals = [SIGTERM, SIGINT]
        Console.configure(options.serve.log)
        let signals = stopSignals + [SIGUSR1, SIGCHLD] + (SignalSource.isIgnored(SIGHUP) ? [] : [SIGHUP])
        do {
            let notes = try notes + options.serve.readBans()
            // Report a wrong directory once here, instead of once per worker.
            _ = try Pages(clientBundle: options.serve.clientBundle, webRoot: options.serve.webRoot)
            let configuration = try RunningConfiguration(
                options, opensSockets: !environment.passesSockets, readValues: readValues)
            let executable = try WorkerProcess.executablePath()
            let loop = try EventLoop()
            var settings = SuperviseProcess.Options(
                host: options.serve.host, port: options.serve.port, workers: options.workers,
                sharesPort: options.ports == .shared, recovery: options.serve.recovery,
                drainTime: options.serve.server.drainTimeout, executable: executable, signals: signals)
            settings.unixSockets = options.serve.unixSockets
            settings.backplane = options.serve.backplane
            settings.admin = options.serve.admin
            settings.admin?.hosts = { configuration.hosts }
            settings.commands = try options.serve.commandSocket { configuration.proxies }
            settings.measure = options.serve.moderation?.bans.map(ServeCommand.measure)
            if environment.passesSockets {
                settings.inherited = try SocketActivation.divide(
                    try SocketActivation.sockets(count: try environment.socketCount), among: options.workers,
                    ports: options.ports)
            }
            let service = try ServiceManager(environment, on: loop)
            let process = SuperviseProcess(
                on: loop, settings,
                openStore: { epoch in try options.serve.openStore(epoch: epoch, for: "supervise", notes: notes) },
                command: { start in
                    let worker = WorkerOptions(start, parent: getpid())
                    return WorkerCommandLine(arguments: worker.arguments, settings: configuration.settings)
                },
                mayReplace: { LogReports.reload(configuration) },
                report: LogReports.process(also: service), onEnd: { exit($0.exitCode) })
            loop.startTask {
                await service?.start()
                await process.start()
            }
            // Worker processes end with the thread that started them, and this thread never ends.
            loop.run()
            exit(ExitCode.success)
        } catch {
            ServeCommand.fail(error, environment, stopSignals: stopSignals)
        }
    }
}
