import Testing
import Transport

@testable import Actors

@Suite("The server stops reading from a client that sends faster than its handlers return", .overEachLink)
struct HandlerPressureTests {
    /// A client whose first handler waits at the gate, and that is not read from because too many events wait.
    static func stalledClient(_ server: TestServer, _ gate: Gate, kind: String) async throws -> TestClient {
        let client = try await server.join()
        try await client.join("/other")
        client.send(#"2["slow"]"#)
        client.send((1..<Limits().waitingEvents).map { #"2["\#(kind)",\#($0)]"# })
        // The event that reaches the limit arrives together with an event for the other namespace.
        client.send([#"2["\#(kind)",\#(Limits().waitingEvents)]"#, #"2/other,["note"]"#])
        try await eventually { server.notes.all.count == 1 }
        #expect(gate.count == 1)
        return client
    }

    static func setUp(_ server: TestServer, _ gate: Gate) {
        server.main.on("slow") { _, _ async in await gate.pass() }
        server.main.on("sync") { socket, event in socket.emit("done", event.arguments) }
        server.main.on("async") { socket, event async in
            await gate.pass()
            socket.emit("done", event.arguments)
        }
        server.server.of("/other").on("note") { _, _ in server.notes.add("read") }
    }

    @Test("events above the limit are read in order once the handlers catch up", arguments: ["sync", "async"])
    func everything(kind: String) async throws {
        let gate = Gate()
        try await TestServer.run {
            Self.setUp($0, gate)
        } test: { server in
            let client = try await Self.stalledClient(server, gate, kind: kind)
            let total = 2 * Limits().waitingEvents
            for number in Limits().waitingEvents + 1...total { client.send(#"2["\#(kind)",\#(number)]"#) }
            gate.open()
            #expect(try await client.next(total) == (1...total).map { #"42["done",\#($0)]"# })
        }
    }

    @Test("while too many events of a client wait, the server reads only from other clients")
    func notRead() async throws {
        let gate = Gate()
        try await TestServer.run {
            Self.setUp($0, gate)
        } test: { server in
            let client = try await Self.stalledClient(server, gate, kind: "sync")
            client.send(#"2/other,["note"]"#)
            let other = try await server.connect()
            try await other.join("/other")
            other.send(#"2/other,["note"]"#)
            try await eventually { server.notes.all.count > 1 }
            #expect(server.notes.all.count == 2)
            gate.open()
            try await eventually { server.notes.all.count == 3 }
        }
    }

    @Test("a few large events exceed the limit in bytes")
    func largeEvents() async throws {
        let gate = Gate()
        try await TestServer.run {
            Self.setUp($0, gate)
        } test: { server in
            let client = try await server.join()
            try await client.join("/other")
            client.send(#"2["slow"]"#)
            let text = String(repeating: "x", count: 600_000)
            let flood = client.flood((0..<4).map { #"2["sync","\#($0) \#(text)"]"# } + [#"2/other,["note"]"#])
            try await eventually { flood.sent > 0 && gate.count == 1 }
            let other = try await server.connect()
            try await other.join("/other")
            other.send(#"2/other,["note"]"#)
            try await eventually { server.notes.all.count > 0 }
            #expect(server.notes.all.count == 1, "the event after the large ones is not read")
            gate.open()
            for number in 0..<4 { #expect(try await client.next().hasPrefix(#"42["done","\#(number) xxx"#)) }
            try await eventually { server.notes.all.count == 2 }
        }
    }

    @Test("a few large held broadcasts exceed the outbox limit in bytes")
    func largeHeldRequests() async throws {
        try await TestServer.run { server in
            storing(server)
            server.main.on("emit") { socket, event in socket.broadcast.emit("done", event.arguments) }
            server.server.of("/other").on("note") { _, _ in server.notes.add("read") }
        } test: { server in
            server.store.hold()
            let (client, other) = (try await server.join(), try await server.join())
            for client in [client, other] { try await client.join("/other") }
            client.send(#"20["message","x"]"#)
            let text = String(repeating: "x", count: 600_000)
            let flood = client.flood((0..<4).map { #"2["emit","\#($0) \#(text)"]"# } + [#"2/other,["note"]"#])
            try await eventually { server.store.held == 1 && flood.sent > 0 }
            other.send(#"2/other,["note"]"#)
            try await eventually { server.notes.all.count > 0 }
            #expect(server.notes.all.count == 1)
            server.store.release()
            #expect(try await other.next() == #"42["message","x",1]"#)
            for number in 0..<4 { #expect(try await other.next().hasPrefix(#"42["done","\#(number) xxx"#)) }
            try await eventually { server.notes.all.count == 2 }
        }
    }

    @Test("a client with too many held requests is read from again when they are released")
    func heldRequests() async throws {
        try await TestServer.run { server in
            storing(server)
            server.main.on("emit") { socket, event in socket.emit("done", event.arguments) }
        } test: { server in
            server.store.hold()
            let client = try await server.join()
            client.send(#"20["message","x"]"#)
            let flood = client.flood((0..<1400).map { #"2["emit",\#($0)]"# })
            try await eventually { server.store.held == 1 && flood.sent == 1400 }
            server.store.release()
            #expect(try await client.next(2) == [#"42["message","x",1]"#, "430[]"])
            #expect(try await client.next(1400) == (0..<1400).map { #"42["done",\#($0)]"# })
        }
    }
}
