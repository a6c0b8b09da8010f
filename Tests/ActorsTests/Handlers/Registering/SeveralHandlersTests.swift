import Testing

@testable import Actors

@Suite("Several handlers of one event run in order, and each can be removed", .overEachLink)
struct SeveralHandlersTests {
    /// Sends an event and waits until its handlers have returned.
    static func handle(_ event: String, of client: TestClient) async throws {
        client.send([#"2["\#(event)"]"#, #"2["end"]"#])
        try #require(try await client.next() == #"42["end"]"#)
    }

    static func installEnd(on server: TestServer) {
        server.main.on("end") { socket, _ in socket.emit("end") }
    }

    @Test("synchronous and asynchronous handlers run in the order in which they were added")
    func order() async throws {
        let gate = Gate()
        try await TestServer.run { server in
            server.main.on("go") { _, _ in server.notes.add("1") }
            server.main.on("go") { _, _ async in
                await gate.pass()
                server.notes.add("2")
            }
            server.main.on("go") { _, _ in server.notes.add("3") }
            Self.installEnd(on: server)
        } test: { server in
            let client = try await server.join()
            client.send([#"2["go"]"#, #"2["end"]"#])
            try await eventually { gate.count == 1 }
            #expect(server.notes.all == ["1"])
            gate.open()
            #expect(try await client.next() == #"42["end"]"#)
            #expect(server.notes.all == ["1", "2", "3"])
        }
    }

    @Test("after a handler that throws, the event's next handler runs", arguments: [false, true])
    func throwing(isAsynchronous: Bool) async throws {
        struct Failure: Error {}
        try await TestServer.run { server in
            if isAsynchronous {
                server.main.on("go") { _, _ async throws in throw Failure() }
            } else {
                server.main.on("go") { _, _ in throw Failure() }
            }
            server.main.on("go") { _, _ in server.notes.add("next") }
            Self.installEnd(on: server)
        } test: { server in
            try await Self.handle("go", of: try await server.join())
            #expect(server.notes.all == ["next"])
            #expect(server.reports.all == ["handler of / failed: Failure()"])
        }
    }

    @Test("a handler added with once runs for one event of one socket", arguments: [false, true])
    func once(isAsynchronous: Bool) async throws {
        try await TestServer.run { server in
            if isAsynchronous {
                server.main.once("go") { _, _ async in server.notes.add("once") }
            } else {
                server.main.once("go") { _, _ in server.notes.add("once") }
            }
            server.main.on("go") { _, _ in server.notes.add("each") }
            Self.installEnd(on: server)
        } test: { server in
            let (client, other) = (try await server.join(), try await server.join())
            #expect(server.main.handlerCount(of: "go") == 2)
            for client in [client, client, other] { try await Self.handle("go", of: client) }
            #expect(server.notes.all == ["once", "each", "each", "each"])
            #expect(server.main.handlerCount(of: "go") == 1)
        }
    }

    @Test("a token removes exactly its handler, whichever method has added it")
    func removedByToken() async throws {
        try await TestServer.run { server in
            Self.installEnd(on: server)
            let tokens = [
                server.main.on("go") { _, _ in server.notes.add("on") },
                server.main.once("go") { _, _ in server.notes.add("once") },
                server.main.onAny { _, _ in server.notes.add("any") },
                server.main.onConnection { _ in server.notes.add("connection") },
                server.main.onDisconnecting { _, _ in server.notes.add("disconnecting") },
                server.main.onDisconnect { _, _ in server.notes.add("disconnect") },
                server.main.use { _ in server.notes.add("middleware") },
            ]
            server.main.on("go") { _, _ in server.notes.add("kept") }
            for token in tokens { server.main.off(token) }
        } test: { server in
            let client = try await server.join()
            try await Self.handle("go", of: client)
            client.send("1")
            try await eventually { await server.server.status.sockets == 0 }
            #expect(server.notes.all == ["kept"])
        }
    }

    @Test("off removes the handlers of one name or of all names, and offAny the catch-all handlers")
    func removed() async throws {
        try await TestServer.run { server in
            for name in ["a", "b", "c"] { server.main.on(name) { _, _ in server.notes.add(name) } }
            server.main.onAny { _, event in server.notes.add("any \(event.name)") }
        } test: { server in
            let client = try await server.join()
            server.main.off("a")
            #expect(server.main.eventNames == ["b", "c"])
            client.send([#"2["a"]"#, #"2["b"]"#])
            try await eventually { server.notes.all == ["any a", "any b", "b"] }
            server.main.off()
            #expect(server.main.eventNames == [])
            #expect(server.main.anyHandlerCount == 1)
            client.send([#"2["b"]"#, #"2["c"]"#])
            try await eventually { server.notes.all.suffix(2) == ["any b", "any c"] }
            server.main.offAny()
            #expect(server.main.anyHandlerCount == 0)
            server.main.on("end") { socket, _ in socket.emit("end") }
            try await Self.handle("c", of: client)
            #expect(server.notes.all.count == 5)
        }
    }

    @Test("a change of the handlers takes effect with the next event")
    func changedMeanwhile() async throws {
        try await TestServer.run { server in
            Self.installEnd(on: server)
            server.main.on("go") { _, _ in
                server.notes.add("first")
                server.main.off("go")
                server.main.on("go") { _, _ in server.notes.add("new") }
            }
            server.main.on("go") { _, _ in server.notes.add("second") }
        } test: { server in
            let client = try await server.join()
            try await Self.handle("go", of: client)
            #expect(server.notes.all == ["first", "second"])
            try await Self.handle("go", of: client)
            #expect(server.notes.all == ["first", "second", "new"])
        }
    }

    @Test("catch-all handlers run first, the namespace's before the socket's, also for events without handlers")
    func catchAll() async throws {
        try await TestServer.run { server in
            server.main.onConnection { socket in
                socket.onAny { _, _ in server.notes.add("any of socket") }
                socket.on("go") { _, _ in server.notes.add("socket") }
            }
            server.main.on("go") { _, _ in server.notes.add("namespace") }
            server.main.onAny { _, event in server.notes.add("any \(event.name)") }
            server.main.prependAny { _, _ async in server.notes.add("first") }
            Self.installEnd(on: server)
        } test: { server in
            let client = try await server.join()
            try await Self.handle("go", of: client)
            #expect(
                server.notes.all.prefix(5) == ["first", "any go", "any of socket", "namespace", "socket"])
            #expect(server.notes.all.suffix(3) == ["first", "any end", "any of socket"])
            client.send(#"2["unknown"]"#)
            try await eventually { server.notes.all.suffix(3) == ["first", "any unknown", "any of socket"] }
        }
    }

    @Test("a handler's result is the acknowledgement, unless a handler has acknowledged the event before")
    func result() async throws {
        try await TestServer.run { server in
            for name in ["answered", "acknowledged"] {
                server.main.on(name) { _, event in
                    if name == "acknowledged" { event.acknowledgement?([.json(JSONText(integer: 0))]) }
                }
                _ = server.main.add(.synchronous { _, _ in [.json(JSONText(integer: 1))] }, of: name)
                _ = server.main.add(.asynchronous { _, _ in [.json(JSONText(integer: 2))] }, of: name)
            }
        } test: { server in
            let client = try await server.join()
            client.send([#"20["answered"]"#, #"21["acknowledged"]"#, #"2["answered"]"#, #"22["answered"]"#])
            #expect(try await client.next(3) == ["430[1]", "431[0]", "432[1]"])
        }
    }
}
