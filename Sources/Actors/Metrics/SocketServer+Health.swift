import Transport

extension SocketServer {
    /// Answers `/healthz` and `/readyz` to anybody.
    ///
    /// `/healthz` is answered with 200 and `ok` while the server's loop runs. `/readyz` is answered with 200 and `ok`
    /// if the server may take traffic, else with 503 and the reason in one word: `starting`, `draining`, `store` if the
    /// database of a server in `run` takes no messages, or `workers` if none accepts connections.
    public func serveHealth() {
        route("/healthz") { HealthHandler { .probe(.ok, "ok") } }
        route("/readyz") { [sources] in HealthHandler { sources.readiness.response } }
    }

    /// The metrics of this server in the text format of Prometheus (`text/plain; version=0.0.4`).
    ///
    /// With `run`, they are those of the whole server; in the process of a worker, those of this worker. Otherwise they
    /// do not include those of the hub.
    public func metrics() async -> String {
        await samples.text
    }

    private var samples: MetricSamples {
        get async {
            guard let source = sources.samples else { return await workerSamples }
            return await source()
        }
    }
}

/// Answers health checks.
package final class HealthHandler: HTTPRequestHandler {
    private let answer: () -> HTTPResponse

    /// - Parameter answer: called on the loop with each check.
    package init(_ answer: @escaping () -> HTTPResponse) {
        self.answer = answer
    }

    package func bodyBegins(_ exchange: HTTPExchange) {
        exchange.respond(.methodNotAllowed)
    }

    package func handle(_ exchange: HTTPExchange) {
        switch exchange.request.head.method {
        case .get, .head: exchange.respond(answer())
        default: exchange.respond(.methodNotAllowed)
        }
    }
}

extension HTTPResponse {
    /// The answer to a request with another method than GET and HEAD.
    package static let methodNotAllowed = HTTPResponse(status: .methodNotAllowed, headers: [("Allow", "GET, HEAD")])
}
