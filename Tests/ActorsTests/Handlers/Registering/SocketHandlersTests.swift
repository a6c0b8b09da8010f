import Testing

@testable import Actors

@Suite("Handlers of one socket", .overEachLink)
struct SocketHandlersTests {
    @Test("they handle the events of their socket only, after the namespace's handlers")
    func own() async throws {
        try await TestServer.run { server in
            server.main.onConnection { socket in
                guard socket.handshake.auth != nil else { return }
                socket.on("go") { socket, _ in socket.emit("own") }
            }
            server.main.on("go") { socket, _ in socket.emit("shared") }
        } test: { server in
            let (client, other) = (try await server.join(auth: "{}"), try await server.join())
            for client in [client, other] { client.send([#"2["go"]"#, #"2["go"]"#]) }
            #expect(
                try await client.next(4)
                    == [#"42["shared"]"#, #"42["own"]"#, #"42["shared"]"#, #"42["own"]"#])
            #expect(try await other.next(2) == [#"42["shared"]"#, #"42["shared"]"#])
        }
    }

    @Test("they may be added by middleware and by other handlers, and removed by their tokens")
    func added() async throws {
        try await TestServer.run { server in
            server.main.use { socket in
                socket.on("from middleware") { socket, _ in
                    let token = socket.once("from handler") { _, _ in server.notes.add("removed") }
                    socket.once("from handler") { socket, _ async in socket.emit("from handler") }
                    socket.off(token)
                    server.notes.add(socket.eventNames.joined(separator: ", "))
                }
            }
        } test: { server in
            let client = try await server.join()
            client.send([#"2["from middleware"]"#, #"2["from handler"]"#, #"2["from handler"]"#])
            #expect(try await client.next() == #"42["from handler"]"#)
            #expect(server.notes.all == ["from handler, from middleware"])
        }
    }

    @Test("disconnecting handlers run before disconnect handlers, all with the rooms, and may be asynchronous")
    func disconnecting() async throws {
        let gate = Gate()
        try await TestServer.run { server in
            let note: @Sendable (String, isolated Socket, DisconnectReason) -> Void = { name, socket, reason in
                server.notes.add("\(name) \(socket.rooms.count) \(reason.rawValue)")
            }
            server.main.onConnection { socket in
                socket.join("room")
                socket.onDisconnect { socket, reason in note("own disconnect", socket, reason) }
                socket.onDisconnecting { socket, reason in note("own disconnecting", socket, reason) }
            }
            server.main.onDisconnect { socket, reason async in
                await gate.pass()
                note("disconnect", socket, reason)
            }
            server.main.onDisconnect { socket, reason in note("second disconnect", socket, reason) }
            server.main.onDisconnecting { socket, reason in note("disconnecting", socket, reason) }
        } test: { server in
            let client = try await server.join()
            client.send("1")
            try await eventually { gate.count == 1 }
            let reason = "2 client namespace disconnect"
            #expect(server.notes.all == ["disconnecting \(reason)", "own disconnecting \(reason)"])
            gate.open()
            try await eventually { server.notes.all.count == 5 }
            #expect(
                server.notes.all.suffix(3)
                    == ["disconnect \(reason)", "second disconnect \(reason)", "own disconnect \(reason)"])
        }
    }

    @Test("every connection handler runs, in the order in which they were added")
    func connecting() async throws {
        try await TestServer.run { server in
            server.main.onConnection { socket in socket.emit("1") }
            server.main.onConnection { socket async in
                await Task.yield()
                socket.emit("2")
            }
            server.main.onConnection { socket in socket.emit("3") }
        } test: { server in
            let client = try await server.join()
            #expect(try await client.next(3) == [#"42["1"]"#, #"42["2"]"#, #"42["3"]"#])
        }
    }

    /// A weak reference to a socket.
    private final class Reference {
        weak var socket: Socket?

        init(_ socket: Socket) {
            self.socket = socket
        }
    }

    @Test(
        "a socket whose handlers retain it is released after its end",
        arguments: ["accepted", "rejected", "gone in middleware", "disconnected by a handler"])
    func released(kind: String) async throws {
        let gate = Gate()
        let references = References()
        try await TestServer.run { server in
            server.main.use { socket async throws in
                references.add(socket)
                for name in ["go", "other"] {
                    socket.on(name) { handled, _ in if handled === socket { handled.disconnect() } }
                }
                socket.onDisconnect { _, _ async in
                    await Task.yield()
                    socket.onAny { _, _ in server.notes.add("never \(socket.id)") }
                    server.notes.add("gone")
                }
                if kind == "rejected" { throw ConnectError("no") }
                if kind == "gone in middleware" { await gate.pass() }
            }
        } test: { server in
            let client = try await server.connect()
            client.send("0")
            switch kind {
            case "rejected": #expect(try await client.next() == #"44{"message":"no"}"#)
            case "gone in middleware":
                try await eventually { gate.count == 1 }
                client.close()
                try await eventually { await server.server.status.sessions == 0 }
                gate.open()
            default:
                _ = try await client.next()
                client.send(kind == "accepted" ? "1" : #"2["go"]"#)
                try await eventually { server.notes.all == ["gone"] }
            }
            #expect(references.count == 1)
            try await eventually { references.areReleased }
        }
    }

    /// Weak references to sockets.
    ///
    /// Safety of `@unchecked Sendable`: a test runs on one thread.
    private final class References: @unchecked Sendable {
        private var all: [Reference] = []

        var count: Int { all.count }
        var areReleased: Bool { all.allSatisfy { $0.socket == nil } }

        func add(_ socket: Socket) {
            all.append(Reference(socket))
        }
    }
}
