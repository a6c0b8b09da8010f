import Synchronization
import TestSupport
import Testing

@testable import Transport

/// An Engine.IO server on its own loop. Every session echoes its messages.
actor EngineFixture {
    private final class Echo: EngineSessionHandler {
        let session: EngineSession
        private(set) var drainCount = 0

        init(_ session: EngineSession) {
            self.session = session
        }

        func sessionReceived(_ messages: [ClientMessage]) {
            for case .text(let text) in messages { session.send(Frames(utf8: text)) }
        }

        func sessionUpgraded() { session.send(Frames(text: "4upgraded to \(session.transport.rawValue)")) }
        func sessionEnded(_ reason: EngineCloseReason) {}
        func sessionDrained() { drainCount += 1 }
    }

    nonisolated let loop: EventLoop
    nonisolated let port: UInt16
    private let listener: ListeningSocket
    private var http: HTTPServer?
    private var engine: EngineServer?
    /// The handler of the latest session.
    private var latest: LoopBound<Echo>?
    private nonisolated let storedReports = Mutex<[HTTPReport]>([])

    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    /// The refused requests so far.
    nonisolated var refused: [RefusedEngineRequest] {
        storedReports.withLock { reports in
            reports.compactMap { if case .engineRefused(let refused) = $0 { refused } else { nil } }
        }
    }

    static func run(
        _ options: EngineOptions, proxies: TrustedProxies = .none, test: (EngineFixture) async throws -> Void
    ) async throws {
        let fixture = try EngineFixture()
        do {
            try await fixture.start(options, proxies)
            try await test(fixture)
        } catch {
            fixture.loop.stop()
            throw error
        }
        fixture.loop.stop()
    }

    private init() throws {
        loop = try EventLoop.start(name: "engine")
        listener = try #require(try ListeningSocket.bind(host: "127.0.0.1", port: 0).sockets.first)
        port = listener.address.port
    }

    private func start(_ options: EngineOptions, _ proxies: TrustedProxies) throws {
        let http = HTTPServer(loop: loop, limits: HTTPLimits(maxBody: 1000), proxies: proxies)
        let engine = EngineServer(
            loop: loop, options: options,
            report: { [weak self] report in self?.storedReports.withLock { $0.append(report) } },
            makeHandler: { [weak self, loop] session in
                let handler = Echo(session)
                let bound = LoopBound(handler, to: loop)
                self?.assumeIsolated { $0.latest = bound }
                return handler
            })
        engine.install(on: http)
        try http.listen(on: listener)
        self.http = http
        self.engine = engine
    }

    /// How often the latest session has reported that it has drained.
    var drainCount: Int { latest?.value.drainCount ?? 0 }

    /// Works with the latest session.
    func withSession<Value: Sendable>(_ work: (EngineSession) -> Value) throws -> Value {
        work(try #require(latest).value.session)
    }

    var sessionCount: Int { engine?.sessionCount ?? 0 }
    var pendingAdmissions: Int { engine?.admissions.count ?? 0 }
    func closeAll() { engine?.closeAll(.serverShuttingDown) }

    // MARK: Clients

    /// Sends a request on a new connection and returns the whole answer.
    nonisolated func answer(
        _ method: String = "GET", _ target: String = "/socket.io/?EIO=4&transport=polling", headers: [String] = [],
        body: String = ""
    ) async throws -> String {
        let client = try EngineClient(port: port)
        client.send(EngineClient.request(method, target, headers: headers + ["Connection: close"], body: body))
        return try await client.readToEnd()
    }

    /// Opens a polling session and returns its id.
    nonisolated func open() async throws -> String {
        let answer = try await answer()
        return String(try #require(answer.firstMatch(of: /"sid":"([^"]+)"/)).1)
    }

    /// Sends a WebSocket handshake on a new connection and returns the head of the answer.
    nonisolated func handshake(
        _ target: String = "/socket.io/?EIO=4&transport=websocket", headers: [String] = []
    ) async throws -> (head: String, client: EngineClient) {
        let client = try EngineClient(port: port)
        client.send(EngineClient.request("GET", target, headers: headers + EngineClient.webSocketHeaders))
        return (try await client.read { $0.contains("\r\n\r\n") }, client)
    }
}
