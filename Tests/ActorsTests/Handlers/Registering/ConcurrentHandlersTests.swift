import Testing
import Transport

@testable import Actors

@Suite("Concurrent handlers", .overEachLink)
struct ConcurrentHandlersTests {
    /// Notes the numbers of `slow` events when their handlers start, which then wait at the gate.
    static func setUp(_ server: TestServer, _ gate: Gate) {
        server.main.on("slow", concurrently: true) { socket, event async in
            server.notes.add(String(decoding: event.arguments.slice, as: UTF8.self))
            await gate.pass()
            socket.emit("slow done")
        }
        server.main.on("fast") { socket, _ in socket.emit("fast done") }
    }

    @Test("a concurrent handler does not delay later events and handlers")
    func sideBySide() async throws {
        let gate = Gate()
        try await TestServer.run { server in
            Self.setUp(server, gate)
            server.main.on("slow") { socket, _ in socket.emit("next handler") }
        } test: { server in
            let client = try await server.join()
            client.send([#"2["slow",1]"#, #"2["slow",2]"#, #"2["fast"]"#])
            #expect(try await client.next(3) == [#"42["next handler"]"#, #"42["next handler"]"#, #"42["fast done"]"#])
            try await eventually { gate.count == 2 }
            gate.open()
            #expect(try await client.next(2) == [#"42["slow done"]"#, #"42["slow done"]"#])
        }
    }

    @Test("at most 64 concurrent handlers of a socket run; later events wait in order until one returns")
    func bounded() async throws {
        let gate = Gate()
        let limit = Limits().concurrentHandlers
        try await TestServer.run { server in
            Self.setUp(server, gate)
        } test: { server in
            let (client, other) = (try await server.join(), try await server.join())
            client.send((1...limit + 2).map { #"2["slow",\#($0)]"# } + [#"2["fast"]"#])
            try await eventually { gate.count == limit }
            other.send([#"2["slow",0]"#, #"2["fast"]"#])
            #expect(try await other.next() == #"42["fast done"]"#)
            try await eventually { gate.count == limit + 1 }
            #expect(server.notes.all == (1...limit).map { "\($0)" } + ["0"])
            gate.letOnePass()
            #expect(try await client.next() == #"42["slow done"]"#)
            try await eventually { gate.count == limit + 1 }
            #expect(server.notes.all.suffix(1) == ["\(limit + 1)"])
            gate.letOnePass()
            #expect(try await client.next(2) == [#"42["slow done"]"#, #"42["fast done"]"#])
            gate.open()
            #expect(try await client.next(limit) == Array(repeating: #"42["slow done"]"#, count: limit))
        }
    }

    @Test("a client with too many waiting events is not read from until concurrent handlers return")
    func paused() async throws {
        let gate = Gate()
        let (limit, waiting) = (Limits().concurrentHandlers, Limits().waitingEvents)
        try await TestServer.run { server in
            Self.setUp(server, gate)
            server.server.of("/other").on("note") { _, _ in server.notes.add("read") }
        } test: { server in
            let client = try await server.join()
            try await client.join("/other")
            client.send((1...limit + 1 + waiting).map { #"2["slow",\#($0)]"# })
            try await eventually { gate.count == limit }
            client.send(#"2/other,["note"]"#)
            let other = try await server.connect()
            try await other.join("/other")
            other.send(#"2/other,["note"]"#)
            try await eventually { server.notes.all.count > limit }
            #expect(server.notes.all.count { $0 == "read" } == 1)
            gate.open()
            try await eventually { server.notes.all.count { $0 == "read" } == 2 }
            #expect(
                server.notes.all.filter { $0 != "read" } == (1...limit + 1 + waiting).map { "\($0)" })
        }
    }

    @Test("the error of a concurrent handler is reported")
    func throwing() async throws {
        struct Failure: Error {}
        try await TestServer.run { server in
            server.main.on("go", concurrently: true) { _, _ async throws in throw Failure() }
        } test: { server in
            let client = try await server.join()
            client.send(#"2["go"]"#)
            try await eventually { server.reports.all == ["handler of / failed: Failure()"] }
        }
    }
}
