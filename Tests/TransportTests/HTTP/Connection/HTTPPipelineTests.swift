import TestSupport
import Testing

@testable import Transport

@Suite("Many requests in one packet")
struct HTTPPipelineTests {
    /// A server that counts the requests of each turn.
    private actor Fixture {
        private final class Counter: HTTPRequestHandler {
            var turns: [ContinuousClock.Instant: Int] = [:]
            var count = 0

            func handle(_ exchange: HTTPExchange) {
                count += 1
                turns[exchange.loop.now, default: 0] += 1
                exchange.respond(.text(.ok, "answer \(count)"))
            }
        }

        nonisolated let loop: EventLoop
        nonisolated let port: UInt16
        private let listener: ListeningSocket
        private let counter = Counter()
        private var http: HTTPServer?

        nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

        init() throws {
            loop = try EventLoop.start(name: "pipeline")
            listener = try #require(try ListeningSocket.bind(host: "127.0.0.1", port: 0).sockets.first)
            port = listener.address.port
        }

        func start() throws {
            let http = HTTPServer(loop: loop, limits: HTTPLimits(maxBody: 1000))
            http.routeRest(to: counter)
            try http.listen(on: listener)
            self.http = http
        }

        var turns: [Int] { Array(counter.turns.values) }
    }

    @Test("are answered in order, and a turn of the loop handles a few of them")
    func turns() async throws {
        let fixture = try Fixture()
        defer { fixture.loop.stop() }
        try await fixture.start()
        let client = try EngineClient(port: fixture.port)
        let request = EngineClient.request("GET", "/", headers: [])
        let last = EngineClient.request("GET", "/", headers: ["Connection: close"])
        client.send(String(repeating: request, count: 99) + last)
        let answers = try await client.readToEnd()
        let numbers = answers.split(separator: "answer ").dropFirst().map { Int($0.prefix { $0.isNumber }) }
        #expect(numbers == Array(1...100))
        let turns = await fixture.turns
        #expect(turns.reduce(0, +) == 100)
        #expect(turns.allSatisfy { $0 <= HTTPPipeline.maxRequests })
    }
}
