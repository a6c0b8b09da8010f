import Testing
import Transport

@testable import Actors

@Suite("Handlers: in order of arrival, each to its return", .overEachLink)
struct HandlerOrderTests {
    /// `slow` waits at the gate, `fast` does not; both note their first argument when they begin.
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

    @Test("an event waits for the handler before it, also when that is suspended")
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

    @Test("a suspended handler holds up its own socket only, not the client's others, not other clients")
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

    @Test("while a handler is suspended its client's heartbeat and acknowledgements go on")
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

    @Test("events wait for a connection handler that is suspended")
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

    @Test("the disconnect handler waits for the handler that runs and for the events that arrived before")
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

    @Test("events of a client that was put out are not handled any more", arguments: [false, true])
    func putOut(closes: Bool) async throws {
        let gate = Gate()
        try await TestServer.run { server in
            Self.setUp(server, gate)
            server.main.on("put me out") { socket, _ async in
                await gate.pass()
                socket.disconnect(close: closes)
            }
            server.main.onDisconnect { _, _ in server.notes.add("gone") }
        } test: { server in
            let client = try await server.join()
            client.send([#"2["put me out"]"#, #"2["fast"]"#, #"2["fast"]"#])
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
