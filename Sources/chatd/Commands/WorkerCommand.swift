import Actors
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
            let (link, sockets) = try WorkerProcess.inherited(sockets: worker.sockets)
            let store = try SQLiteReader(path: options.database, busyTimeout: options.store.busyTimeout)
            let process = ServingWorker(loop: loop, link: link, store: store, options: options, pages: pages)
            loop.startTask { await process.start(on: sockets) }
            loop.run()
            exit(ExitCode.success)
        } catch {
            Console.log("error: cannot start: \(error)")
            exit(ExitCode.unavailable)
        }
    }
}
