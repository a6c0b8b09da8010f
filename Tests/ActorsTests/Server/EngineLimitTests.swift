import Testing
import Transport

@testable import Actors

@Suite("Each engine of a server has its own payload limit", .overDirectLink)
struct EngineLimitTests {
    @Test(
        "an engine accepts a body of its own limit and rejects one byte more",
        arguments: [("/small/", 100), ("/large/", 300_000), ("/socket.io/", 5000)])
    func bodies(path: String, limit: Int) async throws {
        // The limit of unfinished input scales with the largest payload limit.
        let options = ServerOptions(engine: EngineOptions(maxPayload: 5000), maxInputMemory: 1)
        try await TestServer.run(options) { server in
            _ = server.main
        } test: { server in
            for (path, limit) in [("/small/", 100), ("/large/", 300_000)] {
                server.server.serveEngine(EngineOptions(path: path, maxPayload: limit)) { _ in Ignoring() }
            }
            for length in [limit, limit + 1] {
                let opened = try await TestRequest.answer(
                    to: "GET \(path)?EIO=4&transport=polling", port: server.port)
                #expect(opened.contains("\"maxPayload\":\(limit)"))
                let sid = try #require(opened.split(separator: "\"").dropFirst(3).first)
                let answer = try await TestRequest.answer(
                    to: "POST \(path)?EIO=4&transport=polling&sid=\(sid)",
                    body: "6" + String(repeating: "x", count: length - 1), port: server.port)
                let status = answer.split(separator: " ").dropFirst().first
                #expect(status == (length > limit ? "413" : "200"))
            }
        }
    }

    private final class Ignoring: EngineSessionHandler {
        func sessionReceived(_ messages: [ClientMessage]) {}
        func sessionEnded(_ reason: EngineCloseReason) {}
        func sessionDrained() {}
    }
}
