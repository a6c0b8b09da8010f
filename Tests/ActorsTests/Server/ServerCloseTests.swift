import Testing
import Transport

@testable import Actors

@Suite("Closing a server, and its status", .overEachLink)
struct ServerCloseTests {
    @Test("closing sends each client its pending output and close code 1001, and refuses new connections")
    func closes() async throws {
        try await TestServer.run { server in
            server.main.on("last") { socket, _ in socket.emit("last words") }
        } test: { server in
            let clients = [try await server.join(), try await server.connect()]
            server.main.emit("going")
            #expect(try await clients[0].next() == #"42["going"]"#)
            await server.server.close()
            for client in clients { #expect(try await client.end() == 1001) }
            #expect(await server.server.status.connections == 0)
            #expect(throws: TestConnection.Refused.self) { try TestConnection(port: server.port) }
        }
    }

    @Test("closing answers a waiting GET with a noop")
    func polling() async throws {
        try await TestServer.run { server in
            _ = server.main
        } test: { server in
            let client = try await PollingClient(port: server.port)
            try await client.post("40")
            #expect(try await client.get().first?.hasPrefix(#"40{"sid""#) == true)
            async let packets = client.get()
            // Wait until the fourth request has arrived and the loop has handled it.
            try await eventually {
                let accepted = await server.server.status.http.connections
                return client.sent == 4 && accepted == 4
            }
            for _ in 0..<5 { _ = await server.server.status }
            await server.server.close()
            #expect(try await packets == ["6"])
        }
    }

    @Test("closing waits for a client that does not read until the timeout only")
    func bounded() async throws {
        try await TestServer.run(kernelBuffers: 4096) { server in
            _ = server.main
        } test: { server in
            let client = try await server.join(TestClient.Options(kernelBuffers: 4096))
            client.setReading(false)
            server.main.emit("x", [.json(JSONText(string: String(repeating: "x", count: 300_000)))])
            try await eventually { await server.server.status.deliveryBatches == 1 }
            let start = TestMachine.current.now
            await server.server.close(timeout: .milliseconds(100))
            #expect(TestMachine.current.now - start < .milliseconds(200))
            client.close()
        }
    }

    @Test("the status contains current gauges and counters")
    func counters() async throws {
        try await TestServer.run(setUp: storing) { server in
            let (client, other) = (try await server.join(), try await server.connect())
            try await other.join()
            client.send([#"20["message","x"]"#, #"21["message","y"]"#])
            _ = try await client.next(4)
            let status = await server.server.status
            #expect(status.connections == 2 && status.sessions == 2 && status.sockets == 2)
            #expect(status.messagesIn == 2 && status.bytesInFlight == 0 && status.parseErrors == 0)
            #expect(status.engine.opened == 2 && status.http.connections == 2)
            #expect(status.deliveryBatches >= 1)
            other.close()
            try await eventually { await server.server.status.sockets == 1 }
            #expect(await server.server.status.engine.ended[.transportClose] == 1)
            #expect(await server.hub.status.sessions == 1)
        }
    }
}
