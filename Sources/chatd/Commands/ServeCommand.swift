import ChatApplication
import Cluster
import Glibc
import Persistence
import Transport

/// `chatd serve`: hub, store and worker in one process, on one loop.
enum ServeCommand {
    /// Serves until a signal stops this process.
    /// - Parameter notes: log lines about the environment.
    static func run(_ options: ServeOptions, notes: [String]) -> Never {
        // Process 1 of a container inherits orphans. With SIGCHLD ignored, the system reaps them. This process has no
        // children of its own.
        signal(SIGCHLD, SIG_IGN)
        // An ignored SIGHUP means that the server should outlive its terminal.
        let stopSignals = [SIGTERM, SIGINT] + (SignalSource.isIgnored(SIGHUP) ? [] : [SIGHUP])
        SignalSource.block(stopSignals)
        do {
            let pages = try Pages(clientBundle: options.clientBundle, webRoot: options.webRoot)
            let loop = try EventLoop()
            let server = SocketServer(options.server, report: LogReports.server)
            Chat.install(on: server)
            pages.install(on: server)
            let process = ServeProcess(
                server, on: loop,
                ServeProcess.Options(
                    host: options.host, port: options.port, recovery: options.recovery,
                    drainTime: options.server.drainTimeout, signals: stopSignals + [SIGUSR1]),
                openStore: { epoch in try options.openStore(epoch: epoch, for: "serve", notes: notes) },
                report: LogReports.process, onEnd: { exit($0.exitCode) })
            loop.startTask { await process.start() }
            loop.run()
            exit(ExitCode.success)
        } catch {
            fail(error, stopSignals: stopSignals)
        }
    }

    /// Exits after a failed start; with success if a stop signal is pending.
    static func fail(_ error: any Error, stopSignals: [CInt]) -> Never {
        LogReports.startFailed(error)
        exit(SignalSource.isPending(stopSignals) ? ExitCode.success : ExitCode.unavailable)
    }
}

extension ServeOptions {
    /// Opens the database and begins the log.
    /// - Parameters:
    ///   - epoch: the identifier of this start.
    ///   - command: `serve` or `supervise`.
    ///   - notes: log lines about the environment.
    func openStore(epoch: String, for command: String, notes: [String]) throws -> SQLiteStore {
        let store = try SQLiteStore(path: database, epoch: epoch, options: self.store)
        Console.log(StartLine.text(command: command, database: database, settings: settings))
        LogReports.opened(store)
        for note in notes { Console.log(note) }
        return store
    }
}
