import Actors
import Cluster
import Glibc
import Transport

/// The server for the conformance tests: an Engine.IO echo at `/engine.io/`, Socket.IO at `/socket.io/`, both with
/// short heartbeats, and a plain WebSocket echo at `/echo`.
///
///     ConformanceServer [--port PORT]
let port =
    CommandLine.arguments.firstIndex(of: "--port")
    .flatMap { CommandLine.arguments.dropFirst($0 + 1).first }
    .flatMap { UInt16($0) } ?? 3000

let loop = try EventLoop()
Task.detached {
    do {
        try await serve(on: loop, port: port)
    } catch {
        write("ConformanceServer: \(error)", to: STDERR_FILENO)
        exit(69)
    }
}
loop.run()
