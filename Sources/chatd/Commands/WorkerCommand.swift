import ChatApplication
import Cluster
import Glibc
import Persistence
import Transport

/// `chatd worker`: serves for a supervisor, in a process that ends with it.
enum WorkerCommand {
    static func run(_ worker: WorkerOptions, _ options: ServeOptions) -> Never {
        // The supervisor tells when to stop: a terminal's signals reach the whole group.
        SignalSource.block([SIGHUP])
        WorkerProcess.endWithParent(worker.parent)
        Console.setName("worker \(worker.slot)")
        do {
            let pages = try Pages(clientBundle: options.clientBundle, webRoot: options.webRoot)
            let loop = try EventLoop()
            let process = ServingWorker(
                on: loop, options.server, socketCount: worker.sockets,
                openHistory: { try SQLiteReader(path: options.database, busyTimeout: options.store.busyTimeout) },
                install: { server in
                    Chat.install(on: server)
                    try await pages.install(on: server, below: options.server.engine.path)
                },
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
