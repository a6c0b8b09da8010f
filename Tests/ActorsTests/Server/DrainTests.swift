import Testing
import Transport

@testable import Actors

@Suite("Drain: a server sends its clients away before it closes", .overDirectLink)
struct DrainTests {
    @Test("WebSockets are closed with 1012, and connections are refused from the beginning")
    func webSockets() async throws {
        try await TestServer.run { server in
            let clients = [try await server.join(), try await server.join(), try await server.join()]
            async let drained: Void = server.server.drain(DrainPlan(time: .seconds(6)))
            for client in clients { #expect(try await client.end() == 1012) }
            await drained
            #expect(throws: TestConnection.Refused.self) { try TestConnection(port: server.port) }
        }
    }

    @Test("a waiting poll gets a noop")
    func polling() async throws {
        try await TestServer.run { server in
            let client = try await PollingClient(port: server.port)
            try await client.post("40")
            #expect(try await client.get().first?.hasPrefix(#"40{"sid""#) == true)
            async let packets = client.get()
            try await eventually { await server.server.status.http.connections == 4 }
            await server.server.drain(DrainPlan(time: .seconds(6)))
            #expect(try await packets == ["6"])
            #expect(await server.server.status.sessions == 0)
        }
    }

    @Test("the end of the wait leaves the others connected")
    func ended() async throws {
        try await TestServer.run { server in
            let first = try await server.join()
            let second = try await server.join()
            async let drained: Void = server.server.drain(DrainPlan(time: .seconds(3600)))
            try await eventually { await server.server.status.sessions == 1 }
            await server.server.endDrain()
            await drained
            #expect(await server.server.status.sessions == 1)
            await server.server.close()
            let codes = [try await first.end(), try await second.end()]
            #expect(codes.sorted { ($0 ?? 0) < ($1 ?? 0) } == [1001, 1012])
        }
    }

    @Test("a request of a session that is checked when the drain begins is still handled")
    func checked() async throws {
        let (released, release) = AsyncStream.makeStream(of: Never.self)
        let begun = Notes()
        var options = ServerOptions()
        options.engine.use { request in
            guard request.head.method == .post, request.head.queryParameters["wait"] != nil else { return }
            begun.add("begun")
            for await _ in released {}
        }
        try await TestServer.run(options) { server in
            let path = "/socket.io/?EIO=4&transport=polling"
            var ids: [Substring] = []
            for _ in 0..<2 {
                let opened = try await TestRequest.answer(to: "GET \(path)", port: server.port)
                ids.append(try #require(opened.split(separator: "\"").dropFirst(3).first))
            }
            // The session with the lowest id is sent away first.
            let sid = try #require(ids.max())
            async let answer = TestRequest.answer(
                to: "POST \(path)&wait=1&sid=\(sid)", body: "40", port: server.port)
            try await eventually { begun.all == ["begun"] }
            async let drained: Void = server.server.drain(DrainPlan(time: .seconds(3600)))
            try await eventually { await server.server.status.sessions < 2 }
            release.finish()
            #expect(try await answer.hasPrefix("HTTP/1.1 200 "))
            await server.server.endDrain()
            await drained
        }
    }
}
