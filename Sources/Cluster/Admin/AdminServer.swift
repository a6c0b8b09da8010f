import Actors
import Transport

/// Answers the operator: `/metrics`, `/healthz` and `/readyz`, on a port of their own.
///
/// Behind a proxy every peer of the server's main port may have a loopback address, so only a port of its own keeps the
/// metrics from strangers. The port stays open until the loop ends, so that it also shows how a server drains.
actor AdminServer {
    /// The most open connections. A scraper needs one.
    static let maxConnections = 64
    /// How long a scraper may be idle between requests, and take to receive each 16 KiB.
    private static let patience = Duration.seconds(75)

    private nonisolated let loop: EventLoop
    private let readiness: @Sendable () -> ServerReadiness
    private let samples: @Sendable () async -> MetricSamples

    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    /// - Parameters:
    ///   - readiness: tells whether the server may take traffic. Called on the loop.
    ///   - samples: returns the metrics of the whole server.
    init(
        on loop: EventLoop, readiness: @escaping @Sendable () -> ServerReadiness,
        samples: @escaping @Sendable () async -> MetricSamples
    ) {
        self.loop = loop
        self.readiness = readiness
        self.samples = samples
    }

    /// Begins to answer.
    /// - Returns: the addresses with the actual port, and those that this machine does not have.
    /// - Throws: ``AdminError`` if the address cannot be bound.
    func open(
        _ address: AdminAddress, _ patience: StartPatience
    ) async throws -> (serving: [SocketAddress], missing: [SocketAddress]) {
        let (sockets, missing): ([ListeningSocket], [SocketAddress])
        do {
            (sockets, missing) = try await patience.attempt(unless: false) {
                try ListeningSocket.bind(host: address.host, port: address.port, on: loop.machine)
            }
        } catch {
            throw AdminError(cause: error)
        }
        let server = makeServer(address.hosts)
        for socket in sockets { try server.listen(on: socket) }
        return (ServerSockets.addresses(of: sockets), missing)
    }

    private func makeServer(_ hosts: @escaping @Sendable () -> HostPolicy) -> HTTPServer {
        let server = HTTPServer(
            loop: loop, limits: HTTPLimits(maxBody: 1024), answerTimeout: Self.patience, keepAlive: Self.patience,
            maxConnections: Self.maxConnections)
        server.changingHosts = hosts
        server.route("/metrics", to: MetricsHandler(samples))
        server.route("/healthz", to: HealthHandler { .probe(.ok, "ok") })
        server.route("/readyz", to: HealthHandler { [readiness] in readiness().response })
        return server
    }
}

/// Answers with the metrics of the whole server.
private final class MetricsHandler: HTTPRequestHandler {
    private let samples: @Sendable () async -> MetricSamples

    init(_ samples: @escaping @Sendable () async -> MetricSamples) {
        self.samples = samples
    }

    func bodyBegins(_ exchange: HTTPExchange) {
        exchange.respond(.methodNotAllowed)
    }

    func handle(_ exchange: HTTPExchange) {
        switch exchange.request.head.method {
        case .get, .head:
            exchange.loop.startTask { [samples] in
                let text = await samples().text
                let headers = [("Content-Type", MetricSamples.mediaType), ("Cache-Control", "no-store")]
                exchange.respond(HTTPResponse(status: .ok, headers: headers, body: Array(text.utf8)))
            }
        default: exchange.respond(.methodNotAllowed)
        }
    }
}
