import Actors
import Cluster
import Glibc
import Transport

/// The server for the conformance tests: an Engine.IO echo at `/engine.io/`, Socket.IO at `/socket.io/`, both with
/// short heartbeats, and a plain WebSocket echo at `/echo`.
///
///     ConformanceServer [--port PORT] [--trusted-proxies LIST]
///     ConformanceServer --backplane URL [--database URL] [--port PORT] [--workers N] [--patience SECONDS]
///         [--outage local|fail] [--graceful]
///
/// With `--backplane` it is one of several hosts, which may share the messages in a database; see `BackplaneHost`.
/// With `--graceful`, SIGTERM closes everything before the process ends.
///
/// The event `client` is answered with the client's address, scheme and host. With `--trusted-proxies`, the heartbeats
/// are the usual ones.
func value(of option: String) -> String? {
    CommandLine.arguments.firstIndex(of: option).flatMap { CommandLine.arguments.dropFirst($0 + 1).first }
}

let port = value(of: "--port").flatMap { UInt16($0) } ?? 3000
let proxies = value(of: "--trusted-proxies")

/// Cancels a task on SIGTERM, which is blocked.
func cancelAtTermination(_ task: Task<Void, Never>, on loop: EventLoop) {
    loop.execute {
        do {
            try SignalSource([SIGTERM], on: loop) { _ in task.cancel() }
        } catch {
            write("ConformanceServer: \(error)", to: STDERR_FILENO)
            exit(71)
        }
    }
}

let isGraceful = CommandLine.arguments.contains("--graceful")
if isGraceful { SignalSource.block([SIGTERM]) }
let loop = try EventLoop()
let serving = Task.detached {
    do {
        if let backplane = value(of: "--backplane") {
            let workers = value(of: "--workers").flatMap { Int($0) }
            let patience = value(of: "--patience").flatMap { Int($0) } ?? 2
            let time = Duration.seconds(patience)
            let outage = value(of: "--outage").flatMap { OutagePolicy(rawValue: $0) } ?? .local
            let service: BackplaneService? =
                if backplane == "none" {
                    nil
                } else if backplane.hasPrefix("postgres:") {
                    try .postgres(backplane, patience: time, outage: outage)
                } else {
                    try .redis(backplane, patience: time, outage: outage)
                }
            try await BackplaneHost.run(
                port: port, workers: workers, database: value(of: "--database"), backplane: service)
            exit(0)
        }
        try await serve(on: loop, port: port, behind: proxies)
    } catch {
        write("ConformanceServer: \(error)", to: STDERR_FILENO)
        exit(69)
    }
}
if isGraceful { cancelAtTermination(serving, on: loop) }
loop.run()
