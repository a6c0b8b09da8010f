import TestSupport
import Testing

@testable import Transport

@Suite("The report that a session has drained")
struct DrainReportTests {
    @Test("a backlog that only a ping has made is reported when it is gone, if somebody waits for that")
    func ping() async throws {
        let options = EngineOptions(pingInterval: .milliseconds(200), pingTimeout: .seconds(100))
        try await EngineFixture.run(options) { fixture in
            let limit = fixture.loop.limits.lowWater
            var sid = ""
            // A session that has a ping already gets no other one before its pong.
            try await eventually {
                sid = try await fixture.open()
                return try await fixture.withSession { session in
                    guard session.pendingBytes == 0 else { return false }
                    // The queue counts a hundred bytes for each piece in addition.
                    session.send(Frames(text: "4" + String(repeating: "x", count: limit - 150)))
                    return session.pendingBytes <= limit
                }
            }
            let target = "/socket.io/?EIO=4&transport=polling&sid=\(sid)"
            try await eventually { try await fixture.withSession { $0.pendingBytes } > limit }
            try await fixture.withSession { $0.requireDrainReport() }
            _ = try await fixture.answer("GET", target)
            // The next GET confirms the answer.
            let client = try EngineClient(port: fixture.port)
            client.send(EngineClient.request("GET", target, headers: []))
            try await eventually { await fixture.drainCount == 1 }
        }
    }
}
