import TestSupport
import Testing

@testable import Transport

/// An HTTP server on its own loop, which answers with what it knows about the client.
actor ProxyFixture {
    private final class Answerer: HTTPRequestHandler {
        func handle(_ exchange: HTTPExchange) {
            let head = exchange.request.head
            exchange.respond(
                .text(
                    .ok,
                    "peer \(exchange.peer), secure \(head.isSecure), host \(head.authority ?? "none"), "
                        + "body \(exchange.request.body.count)"))
        }
    }

    nonisolated let loop: EventLoop
    nonisolated let port: UInt16
    private let listener: ListeningSocket
    private var http: HTTPServer?
    /// What the server has reported about limits and proxies.
    private(set) var reports: [String] = []

    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    static func run(
        _ proxies: String, keepAlive: Duration = .seconds(75), headTimeout: Duration = .seconds(10),
        hosts: HostPolicy = .automatic, addressLimits: AddressLimits = .none,
        test: (ProxyFixture) async throws -> Void
    ) async throws {
        let fixture = try ProxyFixture()
        do {
            try await fixture.start(try TrustedProxies(proxies), keepAlive, headTimeout, hosts, addressLimits)
            try await test(fixture)
        } catch {
            fixture.loop.stop()
            throw error
        }
        fixture.loop.stop()
    }

    private init() throws {
        loop = try EventLoop.start(name: "proxy")
        listener = try #require(try ListeningSocket.bind(host: "127.0.0.1", port: 0).sockets.first)
        port = listener.address.port
    }

    private func start(
        _ proxies: TrustedProxies, _ keepAlive: Duration, _ headTimeout: Duration, _ hosts: HostPolicy,
        _ addressLimits: AddressLimits
    ) throws {
        let http = HTTPServer(
            loop: loop, limits: HTTPLimits(maxBody: 1000), headTimeout: headTimeout, keepAlive: keepAlive, hosts: hosts,
            proxies: proxies, addressLimits: addressLimits,
            report: { [unowned self] report in assumeIsolated { $0.note(report) } })
        http.routeRest(to: Answerer())
        try http.listen(on: listener)
        self.http = http
    }

    private func note(_ report: HTTPReport) {
        switch report {
        case .limitReached(let limit, let address, _): reports.append("\(limit), \(address ?? "no address")")
        case .untrustedProxy(let address, let isLast): reports.append("\(address) forwards\(isLast ? ", last" : "")")
        case .untrustedProxyHeader(let address, _): reports.append("\(address) sends a PROXY header")
        case .originRefused, .hostRefused, .engineRefused: break
        }
    }

    /// The number of refused requests.
    var refusals: Int { http?.counters.refusals ?? 0 }

    /// The open connections of a client's address, and of all.
    func openConnections(of peer: String) -> [Int] {
        guard let http else { return [] }
        return [http.count(ofPeer: peer).open, http.openConnections]
    }

    /// The number of connections refused because of a limit of their address.
    var limited: Int { http?.counters.limited[.addressConnections] ?? 0 }

    /// The texts about the clients in the answers to `text` on a new connection, of which the last closes it.
    nonisolated func answers(_ text: String) async throws -> [String] {
        let client = try EngineClient(port: port)
        client.send(text)
        return Self.answers(in: try await client.readToEnd())
    }

    /// Expects these texts for the requests in `text`.
    nonisolated func expect(
        _ text: String, gives expected: [String], at location: SourceLocation = #_sourceLocation
    ) async throws {
        let found = try await answers(text)
        #expect(found == expected, sourceLocation: location)
    }

    static func answers(in text: String) -> [String] {
        text.matches(of: /peer (\S*), secure (\w+), host (\S+), body (\d+)|HTTP\/1.1 ([45]\d\d)/).map { match in
            match.5.map(String.init)
                ?? "\(match.1 ?? "") \(match.2 == "true" ? "https" : "http") \(match.3 ?? "") \(match.4 ?? "")"
        }
    }

    static func request(_ headers: [String] = [], body: String = "", isLast: Bool = true) -> String {
        EngineClient.request(
            body.isEmpty ? "GET" : "POST", "/", headers: headers + (isLast ? ["Connection: close"] : []), body: body)
    }
}
