import Transport

/// Answers every request to a slot's sockets with 503: without a process behind them, they would accept connections and
/// say nothing.
///
/// It belongs to its loop, as the server in it does.
final class Refusal {
    private final class Handler: HTTPRequestHandler {
        func handle(_ exchange: HTTPExchange) {
            exchange.respond(
                HTTPResponse(
                    status: .serviceUnavailable,
                    headers: [("Content-Type", "text/plain; charset=utf-8"), ("Retry-After", "1")],
                    body: Array("this worker cannot be started at the moment\n".utf8)))
        }
    }

    private let server: HTTPServer

    /// Begins to accept connections. A socket that cannot be watched stays silent.
    init(on loop: EventLoop, sockets: [ListeningSocket]) {
        server = HTTPServer(loop: loop, limits: HTTPLimits(maxBody: 1 << 16))
        server.routeRest(to: Handler())
        for socket in sockets {
            // The server closes what it listens on, and the worker's successor needs the socket.
            guard let copy = try? socket.duplicate() else { continue }
            do {
                try server.listen(on: copy)
            } catch {
                copy.close()
            }
        }
    }

    /// Stops accepting.
    func end() {
        server.shutDown()
    }
}
