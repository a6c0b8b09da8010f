import ChatApplication
import Cluster
import Glibc
import Persistence
import Transport

/// `chatd serve`: hub, store and worker in one process, on one loop.
enum ServeCommand {
    /// Serves until a signal stops this process.
    /// - Parameters:
    ///   - notes: log lines about the environment.
    ///   - environment: what a service manager has passed.
    static func run(_ options: ServeOptions, notes: [String], _ environment: ServiceEnvironment) -> Never {
        // Process 1 of a container inherits orphans. With SIGCHLD ignored, the system reaps them. This process has no
        // children of its own.
        signal(SIGCHLD, SIG_IGN)
        // An ignored SIGHUP means that the server should outlive its terminal.
        let stopSignals = [SIGTERM, SIGINT] + (SignalSource.isIgnored(SIGHUP) ? [] : [SIGHUP])
        SignalSource.block(stopSignals)
        Console.configure(options.log)
        do {
            let notes = try notes + options.readBans()
            let pages = try Pages(clientBundle: options.clientBundle, webRoot: options.webRoot)
            let loop = try EventLoop()
            let server = SocketServer(options.server, report: LogReports.server)
            Chat.install(on: server, options.authentication)
            options.moderation?.install(on: server, counters: CounterLine.json(of:))
            if let adminUI = options.adminUI { AdminUI.install(on: server, adminUI, options.moderation, loop) }
            if case .none = options.authentication { OpenDoorNote.install(on: server) }
            server.serveHealth()
            pages.install(on: server)
            var settings = ServeProcess.Options(
                host: options.host, port: options.port, recovery: options.recovery,
                drainTime: options.server.drainTimeout, signals: stopSignals + [SIGUSR1])
            settings.unixSockets = options.unixSockets
            settings.backplane = options.backplane
            settings.admin = options.admin
            settings.commands = try options.commandSocket { [proxies = options.server.trustedProxies] in proxies }
            settings.measure = options.moderation?.bans.map(Self.measure)
            settings.inherited = try SocketActivation.sockets(count: try environment.socketCount)
            let service = try ServiceManager(environment, on: loop)
            let process = ServeProcess(
                server, on: loop, settings,
                openStore: { epoch in try options.openStore(epoch: epoch, for: "serve", notes: notes) },
                report: LogReports.process(also: service), onEnd: { exit($0.exitCode) })
            loop.startTask {
                await service?.start()
                await process.start()
            }
            loop.run()
            exit(ExitCode.success)
        } catch {
            fail(error, environment, stopSignals: stopSignals)
        }
    }

    /// Measures what only this program has: the bans in force.
    static func measure(_ bans: BanFile) -> @Sendable () -> MetricSamples {
        {
            var samples = MetricSamples()
            samples.add(.bans, number: bans.list.count(at: LinuxMachine.shared.wallClock))
            return samples
        }
    }

    /// Exits after a failed start; with success if a stop signal is pending.
    static func fail(_ error: any Error, _ environment: ServiceEnvironment, stopSignals: [CInt]) -> Never {
        LogReports.startFailed(error)
        ServiceManager.startFailed(error, environment)
        if SignalSource.isPending(stopSignals) { exit(ExitCode.success) }
        let isUsage = (error as? ServiceError)?.isUsage ?? false
        exit(isUsage ? ExitCode.usage : ExitCode.unavailable)
    }
}

extension ServeOptions {
    /// Opens the database and begins the log.
    /// - Parameters:
    ///   - epoch: the identifier of this start.
    ///   - command: `serve` or `supervise`.
    ///   - notes: log lines about the environment.
    func openStore(epoch: String, for command: String, notes: [String]) throws -> any MessageStore {
        let store: any MessageStore
        switch database {
        case .postgres(let url):
            let opened = try PostgresStore(url: url, epoch: epoch)
            logStart(command, database: opened.name)
            store = opened
        case .sqlite(let path):
            let opened = try SQLiteStore(path: path, epoch: epoch, options: self.store)
            logStart(command, database: path)
            LogReports.opened(opened)
            store = opened
        }
        for note in notes + OpenDoorNote.atStart(self) { Console.log(note, level: .warning, kind: "note") }
        return store
    }

    private func logStart(_ command: String, database: String) {
        Console.log(
            StartLine.text(
                command: command, database: database, settings: settings,
                limits: limits.map { $0.inForce(in: server) }), kind: "start")
    }

    /// Opens the messages for reading, in a worker.
    func openHistory() throws -> any History {
        switch database {
        case .postgres(let url): try PostgresHistory(url: url)
        case .sqlite(let path): try SQLiteReader(path: path, busyTimeout: store.busyTimeout)
        }
    }
}
