import Actors
import Cluster
import Glibc
import Persistence
import Transport

/// `chatd serve`: hub, store and worker in one process, on one loop.
enum ServeCommand {
    /// Serves until a signal ends it.
    /// - Parameter notes: what the operator should know of the environment.
    static func run(_ options: ServeOptions, notes: [String]) -> Never {
        // As process 1 of a container it inherits the orphans of others: the system reaps them. It has no children of its own.
        signal(SIGCHLD, SIG_IGN)
        // Who ignored it wants the server to outlive the terminal.
        let stopSignals = [SIGTERM, SIGINT] + (SignalSource.isIgnored(SIGHUP) ? [] : [SIGHUP])
        SignalSource.block(stopSignals)
        do {
            let patience = StartPatience(isOver: { SignalSource.isPending(stopSignals) })
            let pages = try Pages(clientBundle: options.clientBundle, webRoot: options.webRoot)
            let loop = try EventLoop()
            let (sockets, missing) = try patience.attempt {
                try ListeningSocket.bind(host: options.host, port: options.port)
            }
            for address in missing { Console.log("not listening on \(address): this machine has no such address") }
            let epoch = Hub.newEpoch(on: loop)
            let store = try patience.attempt {
                try SQLiteStore(path: options.database, epoch: epoch, options: options.store)
            }
            Console.log(StartLine.text(command: "serve", database: options.database, settings: options.settings))
            LogReports.opened(store)
            for note in notes { Console.log(note) }
            let process = ServeProcess(loop: loop, store: store, epoch: epoch, options: options, pages: pages)
            loop.startTask { await process.start(on: sockets, stopSignals: stopSignals) }
            loop.run()
            exit(ExitCode.success)
        } catch {
            fail(error, stopSignals: stopSignals)
        }
    }

    /// Ends a start that has failed. One that was to stop meanwhile has not failed.
    static func fail(_ error: any Error, stopSignals: [CInt]) -> Never {
        Console.complain("chatd: \(error)\(hint(for: error))")
        exit(SignalSource.isPending(stopSignals) ? ExitCode.success : ExitCode.unavailable)
    }

    /// Which option mends it.
    static func hint(for error: any Error) -> String {
        switch error {
        case is ListeningSocket.BindError: "; choose another --port or --host"
        case is SocketAddress.ResolutionError: "; choose another --host"
        case StoreError.lockedByAnotherWriter: "; stop that one or choose another --db"
        case let error as StoreError where error.cause == .busy: "; end it or choose another --db"
        case is StoreError: "; choose another --db"
        case let error as Pages.OptionError: "; choose another --\(error.option)"
        default: ""
        }
    }
}
