import Transport

/// Answers every request to a slot's sockets with 503 while the slot has no process. Otherwise the sockets would accept
/// connections that nothing answers.
///
/// Use it only on its loop, like the server that it contains.
final class RefusingListener {
    /// As a scope of all paths it also answers health checks, which would succeed otherwise.
    private final class Handler: HTTPScope {
        func handle(_ exchange: HTTPExchange) {
            exchange.respond(answer(to: exchange.request.head))
        }

        /// The answers to checks are a word, as those of a worker.
        private static let checks: Set<String> = ["/healthz", "/readyz"]

        func headers(for head: HTTPRequestHead) -> [(String, String)] { [] }

        func preempt(_ head: HTTPRequestHead) -> HTTPResponse? { answer(to: head) }

        private func answer(to head: HTTPRequestHead) -> HTTPResponse {
            Self.checks.contains(head.path) ? refusal("workers") : forbidden()
        }

        func forbidden() -> HTTPResponse { refusal("this worker cannot be started at the moment\n") }

        private func refusal(_ text: String) -> HTTPResponse {
            HTTPResponse(
                status: .serviceUnavailable,
                headers: [("Content-Type", "text/plain; charset=utf-8"), ("Retry-After", "1")],
                body: Array(text.utf8))
        }
    }

    private let server: HTTPServer

    /// Starts to accept connections. Skips a socket that cannot be duplicated or watched.
    init(on loop: EventLoop, sockets: [ListeningSocket]) {
        // Proxies get the 503 with or without a PROXY header. Nothing here depends on the client.
        server = HTTPServer(loop: loop, limits: HTTPLimits(maxBody: 1 << 16), proxies: .everyone)
        let handler = Handler()
        server.routeRest(to: handler)
        for path in ["/", "*"] { server.addScope(handler, below: path) }
        for socket in sockets {
            // The server closes the sockets that it listens on, but the slot's next process needs the original socket.
            guard let copy = try? socket.duplicate() else { continue }
            do {
                try server.listen(on: copy)
            } catch {
                copy.close()
            }
        }
    }

    /// Stops accepting connections.
    func end() {
        server.shutDown()
    }
}
