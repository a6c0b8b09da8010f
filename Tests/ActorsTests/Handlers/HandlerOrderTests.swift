import Testing
import Transport

@testable import Actors

@Suite("Handlers run in order of arrival, one at a time", .overEachLink)
struct HandlerOrderTests {
    /// Sets handlers that note their names when they start: `slow` waits at the gate, `fast` does not.
    static func setUp(_ server: TestServer, _ gate: Gate) {
        server.main.on("slow") { socket, event async in
            server.notes.add("slow")
            await gate.pass()
            socket.emit("slow done")
        }
        server.main.on("fast") { socket, event in
            server.notes.add("fast")
            socket.emit("fast done", event.arguments)
        }
    }

    @Test("an event waits until the previous handler returns, even if it is suspended")
    func waits() async throws {
        let gate = Gate()
        try await TestServer.run {
            Self.setUp($0, gate)
        } test: { server in
            let client = try await server.join()
            client.send([#"2["slow"]"#, #"2["fast",1]"#, #"2["slow"]"#, #"2["fast",2]"#])
            try await eventually { gate.count == 1 }
            #expect(server.notes.all == ["slow"])
            gate.letOnePass()
            #expect(try await client.next(2) == [#"42["slow done"]"#, #"42["fast done",1]"#])
            try await eventually { gate.count == 1 }
            #expect(server.notes.all == ["slow", "fast", "slow"])
            gate.open()
            #expect(try await client.next(2) == [#"42["slow done"]"#, #"42["fast done",2]"#])
        }
    }

    @Test("a suspended handler delays only its own socket, not the client's other sockets or other clients")
    func othersGoOn() async throws {
        let gate = Gate()
        try await TestServer.run { server in
            Self.setUp(server, gate)
            server.server.of("/other").on("fast") { socket, _ in socket.emit("fast done") }
        } test: { server in
            let (client, other) = (try await server.join(), try await server.join())
            try await client.join("/other")
            client.send([#"2["slow"]"#, #"2["fast"]"#, #"2/other,["fast"]"#])
            #expect(try await client.next() == #"42/other,["fast done"]"#)
            other.send(#"2["fast"]"#)
            #expect(try await other.next() == #"42["fast done"]"#)
            gate.open()
            #expect(try await client.next(2) == [#"42["slow done"]"#, #"42["fast done"]"#])
        }
    }

    @Test("a suspended handler does not delay its client's heartbeat and acknowledgements")
    func heartbeatGoesOn() async throws {
        let engine = EngineOptions(pingInterval: .milliseconds(20), pingTimeout: .seconds(10))
        try await TestServer.run(ServerOptions(engine: engine)) { server in
            server.main.on("ask") { socket, _ async throws in
                let answer = try await socket.emitWithAcknowledgement("question")
                socket.emit("answered", answer)
            }
        } test: { server in
            let client = try await server.join()
            client.send(#"2["ask"]"#)
            #expect(try await client.next() == #"420["question"]"#)
            let pings = client.pings
            try await eventually { client.pings >= pings + 3 }
            client.send("30[42]")
            #expect(try await client.next() == #"42["answered",42]"#)
        }
    }

    @Test("events wait until a suspended connection handler returns")
    func connectionHandler() async throws {
        let gate = Gate()
        try await TestServer.run { server in
            Self.setUp(server, gate)
            server.main.onConnection { socket async in
                await gate.pass()
                socket.emit("welcome")
            }
        } test: { server in
            let client = try await server.join()
            client.send(#"2["fast"]"#)
            try await eventually { gate.count == 1 }
            gate.open()
            #expect(try await client.next(2) == [#"42["welcome"]"#, #"42["fast done"]"#])
        }
    }

    @Test("the disconnect handler runs after the current handler and the events that arrived before")
    func disconnectHandler() async throws {
        let gate = Gate()
        try await TestServer.run { server in
            Self.setUp(server, gate)
            server.main.onDisconnect { socket, reason in server.notes.add("gone") }
        } test: { server in
            let client = try await server.join()
            client.send([#"2["slow"]"#, #"2["fast"]"#, "1"])
            try await eventually { await server.server.status.sockets == 0 }
            #expect(server.notes.all == ["slow"])
            gate.open()
            try await eventually { server.notes.all == ["slow", "fast", "gone"] }
        }
    }

    @Test("events that wait when the server disconnects a client are dropped", arguments: [false, true])
    func serverDisconnects(closes: Bool) async throws {
        let gate = Gate()
        try await TestServer.run { server in
            Self.setUp(server, gate)
            server.main.on("disconnect me") { socket, _ async in
                await gate.pass()
                socket.disconnect(close: closes)
            }
            server.main.onDisconnect { _, _ in server.notes.add("gone") }
        } test: { server in
            let client = try await server.join()
            client.send([#"2["disconnect me"]"#, #"2["fast"]"#, #"2["fast"]"#])
            try await eventually { gate.count == 1 }
            gate.open()
            try await eventually { !server.notes.all.isEmpty }
            #expect(server.notes.all == ["gone"])
        }
    }

    @Test("a handler that throws is reported, and the next event is handled", arguments: ["sync", "async"])
    func throwing(kind: String) async throws {
        struct Failure: Error {}
        try await TestServer.run { server in
            server.main.on("sync") { _, _ in throw Failure() }
            server.main.on("async") { _, _ async throws in
                await Task.yield()
                throw Failure()
            }
            server.main.on("next") { socket, _ in socket.emit("handled") }
        } test: { server in
            let client = try await server.join()
            client.send([#"2["\#(kind)"]"#, #"2["next"]"#])
            #expect(try await client.next() == #"42["handled"]"#)
            #expect(server.reports.all == ["handler of / failed: Failure()"])
        }
    }
}
