import Testing
import Transport

@testable import Actors

@Suite("Polling clients over their rate", .overEachLink)
struct PacedPollingTests {
    /// Opens a session of the main namespace.
    /// - Returns: the target of its requests.
    private func join(_ server: TestServer) async throws -> String {
        let path = "/socket.io/?EIO=4&transport=polling"
        let opened = try await TestRequest.answer(to: "GET \(path)", port: server.port)
        let target = "\(path)&sid=\(try #require(opened.split(separator: "\"").dropFirst(3).first))"
        let answer = try await TestRequest.answer(to: "POST \(target)&t=join", body: "40", port: server.port)
        try #require(answer.hasSuffix("ok"))
        return target
    }

    @Test("sessions that lose a POST end, although messages of the POST still wait for the rate")
    func lostPost() async throws {
        // The rate allows a message after each second. The time for a repeat of the POST is five seconds, so the timers
        // of a session's messages and of its end are due in the same turn.
        let options = ServerOptions(messageRate: RateLimit(perSecond: 1, burst: 2))
        try await TestServer.run(options, setUp: RateTests.setUp) { server in
            for _ in 0..<20 {
                let target = try await join(server)
                let connection = try TestConnection(port: server.port)
                let body = RateTests.notes(0..<30).map { "4\($0)" }.joined(separator: "\u{1E}")
                let head = "Host: localhost\r\nContent-Length: \(body.utf8.count)\r\n\r\n"
                let noted = server.notes.all.count
                connection.send("POST \(target)&t=lost HTTP/1.1\r\n\(head)\(body)".utf8)
                try await eventually { server.notes.all.count > noted }
                connection.reset()
            }
            #expect(await server.server.status.sessions == 20)
            try await eventually({ await server.server.status.sessions == 0 }, within: .seconds(20))
            let next = try await server.join()
            next.send(RateTests.notes(100..<101))
            try await eventually { server.notes.all.last == "100" }
        }
    }
}
