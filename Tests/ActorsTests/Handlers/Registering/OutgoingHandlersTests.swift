import Cluster
import Testing

@testable import Actors

@Suite("Handlers of outgoing events", .overEachLink)
struct OutgoingHandlersTests {
    /// Notes the events that are sent to clients with `auth`.
    static func install(on server: TestServer) {
        server.main.onConnection { socket in
            socket.join("room")
            guard socket.handshake.auth != nil else { return }
            socket.onAnyOutgoing { _, event in
                let data = event.arguments.attachments.map { "\($0)" }.joined()
                server.notes.add("\(event.name)(\(String(decoding: event.arguments.slice, as: UTF8.self)))\(data)")
            }
        }
        server.main.on("go") { socket, event in
            socket.emit("direct", [.json(JSONText(string: "a")), .binary([1, 2])])
            socket.emitVolatile("volatile")
            server.main.emit("to all", [.json(JSONText(integer: 1))])
            server.main.to("room").emit("to room")
            server.main.to(socket.id.description).emit("to id")
            socket.broadcast.emit("to others")
            server.main.everyone.except("room").emit("to nobody")
            event.acknowledgement?()
            server.main.emit("end")
        }
    }

    static let direct = [#"direct("a",{"_placeholder":true,"num":0})[1, 2]"#, "volatile()"]

    @Test("they are called for each event to their socket, in order, and not for acknowledgements")
    func direct() async throws {
        try await TestServer.run { server in
            Self.install(on: server)
        } test: { server in
            let (client, other) = (try await server.join(auth: "{}"), try await server.join())
            client.send(#"20["go"]"#)
            while try await client.next() != #"42["end"]"# {}
            let expected = Self.direct + ["to all(1)", "to room()", "to id()", "end()"]
            #expect(server.notes.all.sorted() == expected.sorted())
            #expect(server.notes.all.filter { $0.hasPrefix("to") } == ["to all(1)", "to room()", "to id()"])
            other.send(#"2["go"]"#)
            while try await client.next() != #"42["end"]"# {}
            #expect(server.notes.all.dropFirst(6) == ["to all(1)", "to room()", "to others()", "end()"])
        }
    }

    @Test("they are called for the events of a session that can be resumed")
    func recoverable() async throws {
        try await TestServer.run(recovery: RecoveryOptions()) { server in
            Self.install(on: server)
        } test: { server in
            let client = try await server.join(recoverableAuth: "{}")
            client.send(#"20["go"]"#)
            while !(try await client.next().hasPrefix(#"42["end""#)) {}
            #expect(server.notes.all.contains(Self.direct[0]))
            #expect(server.notes.all.filter { $0.hasPrefix("to") } == ["to all(1)", "to room()", "to id()"])
        }
    }

    @Test("they are called for broadcasts from other workers")
    func fromOtherWorkers() async throws {
        try await TestCluster.run(2, recovery: nil) { server in
            Self.install(on: server)
        } test: { cluster in
            let client = try await cluster.servers[0].join(auth: "{}")
            cluster.servers[1].main.to("room").emit("from afar", [.json(JSONText(integer: 7))])
            #expect(try await client.next() == #"42["from afar",7]"#)
            #expect(cluster.servers[0].notes.all == ["from afar(7)"])
        }
    }

    @Test("the worker forgets a socket with such handlers when it ends or middleware rejects it")
    func forgotten() async throws {
        let accepted = AcceptedSockets()
        try await TestServer.run { server in
            server.main.use { socket in
                socket.onAnyOutgoing { _, event in server.notes.add(event.name) }
                if socket.handshake.auth != nil { throw ConnectError("no") }
            }
            server.main.onConnection { socket in
                accepted.add(socket)
                socket.emit("welcome")
            }
        } test: { server in
            let rejected = try await server.connect()
            rejected.send("0{}")
            #expect(try await rejected.next().hasPrefix("44"))
            let client = try await server.join()
            #expect(try await client.next() == #"42["welcome"]"#)
            #expect(server.notes.all == ["welcome"])
            try await accepted.run(on: server) { sockets in
                #expect(sockets[0].worker.assumeIsolated { $0.outgoingHandlerSockets } == [sockets[0].id])
            }
            client.send("1")
            try await eventually { await server.server.status.sockets == 0 }
            try await accepted.run(on: server) { sockets in
                #expect(sockets[0].worker.assumeIsolated { $0.outgoingHandlerSockets }.isEmpty)
            }
        }
    }

    @Test("they run in order and can be removed")
    func removed() async throws {
        try await TestServer.run { server in
            server.main.onConnection { socket in
                let token = socket.onAnyOutgoing { _, _ in server.notes.add("second") }
                socket.prependAnyOutgoing { _, _ in server.notes.add("first") }
                socket.emit("1")
                socket.off(token)
                server.notes.add("\(socket.anyOutgoingHandlerCount)")
                socket.emit("2")
                socket.offAnyOutgoing()
                socket.emit("3")
            }
        } test: { server in
            let client = try await server.join()
            #expect(try await client.next(3) == [#"42["1"]"#, #"42["2"]"#, #"42["3"]"#])
            #expect(server.notes.all == ["first", "second", "1", "first"])
        }
    }
}

extension TestServer {
    /// Connects a client to a server that keeps lost sessions.
    fileprivate func join(recoverableAuth auth: String) async throws -> TestClient {
        let client = try await connect()
        client.send("0" + auth)
        try #require(try await client.next().hasPrefix(#"40{"sid""#))
        return client
    }
}
