import ChatApplication
import Cluster
import Glibc
import Persistence
import Transport

/// `chatd worker`: serves in a process of a supervisor, and ends with the supervisor.
enum WorkerCommand {
    static func run(_ worker: WorkerOptions, _ options: ServeOptions) -> Never {
        // Only the supervisor stops a worker. A closing terminal sends SIGHUP to the whole process group, also to
        // workers.
        SignalSource.block([SIGHUP])
        WorkerProcess.endWithParent(worker.parent)
        Console.configure(options.log)
        Console.setName("worker \(worker.start.slot)")
        do {
            // The primary process has reported the lines that are not understood.
            try options.moderation?.bans?.start()
            let pages = try Pages(clientBundle: options.clientBundle, webRoot: options.webRoot)
            let loop = try EventLoop()
            let server = SocketServer(options.server, report: LogReports.server)
            Chat.install(on: server, options.authentication)
            options.moderation?.install(on: server, counters: CounterLine.json(of:))
            if let adminUI = options.adminUI { AdminUI.install(on: server, adminUI, options.moderation, loop) }
            if case .none = options.authentication { OpenDoorNote.install(on: server) }
            server.serveHealth()
            pages.install(on: server)
            let process = ServingWorker(
                server, on: loop, worker.start,
                openHistory: { try options.openHistory() },
                report: LogReports.worker)
            loop.startTask { await process.start() }
            loop.run()
            exit(ExitCode.success)
        } catch {
            LogReports.worker(.startFailed(error))
            exit(ExitCode.unavailable)
        }
    }
}
