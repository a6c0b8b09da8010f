import Testing

@testable import Actors

@Suite("Changes of all sockets of an audience, on every worker", .overEachLink)
struct SocketsChangeTests {
    /// Handlers for the sender's operations, and an event that tells a socket's rooms.
    static func setUp(_ server: TestServer) {
        ClusterTests.setUp(server)
        server.main.on("rooms") { socket, event in
            let rooms = socket.rooms.subtracting([socket.id.description]).sorted()
            event.acknowledgement?([.json(JSONText(array: rooms.map { JSONText(string: $0) }))])
        }
        server.main.on("all join") { socket, event in
            socket.to(event.texts[0]).socketsJoin(Array(event.texts.dropFirst()))
            socket.to(event.texts[1]).emit("welcome")
            event.acknowledgement?()
        }
    }

    @Test("sockets of every worker join a room, receive its events from then on, and leave it")
    func joinsAndLeaves() async throws {
        try await TestCluster.run(setUp: Self.setUp) { cluster in
            let clients = try await cluster.join()
            let main = cluster.servers[0].main
            main.to("r").emit("before")
            main.socketsJoin("r", "s")
            main.to("r").emit("during")
            main.to("s").socketsLeave("r")
            main.to("r").emit("after")
            main.to("s").emit("end")
            for client in clients {
                #expect(try await client.next(2).map(Self.name) == ["during", "end"])
                client.send(#"20["rooms"]"#)
                #expect(try await client.next() == #"430[["s"]]"#)
            }
        }
    }

    @Test("rooms, exceptions and rooms named after sockets select the sockets")
    func selections() async throws {
        try await TestCluster.run(recovery: nil, setUp: Self.setUp) { cluster in
            var (clients, ids): ([TestClient], [String]) = ([], [])
            for server in cluster.servers {
                let client = try await server.connect()
                ids.append(try await client.join())
                clients.append(client)
            }
            let main = cluster.servers[1].main
            main.to(ids[0]).socketsJoin("zero")
            main.except(ids[0]).socketsJoin("not zero")
            main.to([ids[0], ids[1]]).except(ids[1]).socketsJoin(["two", "three"])
            main.to([]).socketsJoin("never")
            main.emit("done")
            for (client, rooms) in zip(clients, [#"["three","two","zero"]"#, #"["not zero"]"#, #"["not zero"]"#]) {
                #expect(try await client.next() == #"42["done"]"#)
                client.send(#"20["rooms"]"#)
                #expect(try await client.next() == "430[\(rooms)]")
            }
        }
    }

    @Test("a handler's acknowledgement follows the effects of its change, on every worker")
    func acknowledged() async throws {
        try await TestCluster.run(setUp: Self.setUp) { cluster in
            let clients = try await cluster.join()
            for client in clients.dropFirst() {
                client.send(#"20["join","r"]"#)
                #expect(try await client.next() == "430[]")
            }
            for round in 0..<20 {
                clients[0].send(#"21["all join","r","new \#(round)"]"#)
                #expect(try await clients[0].next() == "431[]", "the sender is not in the room")
                cluster.servers[2].main.to("new \(round)").emit("hello")
                for client in clients.dropFirst() {
                    #expect(try await client.next(2).map(Self.name) == ["welcome", "hello"])
                }
            }
        }
    }

    @Test("a change applies to a lost session, which recovers with the room and exactly its later events")
    func lostSession() async throws {
        try await TestCluster.run(setUp: Self.setUp) { cluster in
            let client = try await RecoveringClient(cluster.servers[0])
            client.socket.reset()
            try await eventually { await cluster.host.hub.status.lostSessions == 1 }
            let main = cluster.servers[1].main
            main.to("r").emit("before")
            main.socketsJoin("r")
            main.to("r").emit("missed")
            _ = try await main.fetchSockets()
            var back = try await RecoveringClient(cluster.servers[2], lost: client)
            #expect(back.sid == client.sid)
            #expect(try await back.next() == #"42["missed"]"#)
            main.to("r").emit("live")
            #expect(try await back.next() == #"42["live"]"#)
            back.socket.send(#"20["rooms"]"#)
            #expect(try await back.socket.next() == #"430[["r"]]"#)
        }
    }

    @Test("disconnected clients of every worker get 41, their handlers run, and no session can be recovered")
    func disconnects() async throws {
        try await TestCluster.run { server in
            Self.setUp(server)
            server.main.onDisconnect { socket, reason in server.notes.add(reason.rawValue) }
        } test: { cluster in
            var clients: [RecoveringClient] = []
            for server in cluster.servers { clients.append(try await RecoveringClient(server)) }
            clients[0].socket.reset()
            try await eventually { await cluster.host.hub.status.lostSessions == 1 }
            cluster.servers[1].main.disconnectSockets()
            for client in clients.dropFirst() { #expect(try await client.socket.next() == "41") }
            try await eventually { await cluster.host.hub.status.lostSessions == 0 }
            #expect(
                cluster.servers.dropFirst().map(\.notes.all) == [["server namespace disconnect"]] + [
                    ["server namespace disconnect"]
                ])
            for client in clients {
                let back = try await RecoveringClient(cluster.servers[2], lost: client)
                #expect(back.pid != client.pid)
            }
            // The connection stays open, so a client can join again.
            clients[1].socket.send("0")
            #expect(try await clients[1].socket.next().hasPrefix("40"))
        }
    }

    @Test("disconnecting with close ends the clients' other namespaces and connections")
    func closes() async throws {
        try await TestCluster.run { server in
            Self.setUp(server)
            _ = server.server.of("/other")
        } test: { cluster in
            let clients = try await cluster.join()
            for client in clients { try await client.join("/other") }
            cluster.servers[0].main.disconnectSockets(close: true)
            for client in clients {
                #expect(try await client.next(2) == ["41", "41/other,"])
                _ = try await client.end()
            }
            try await eventually { await cluster.host.hub.status.sessions == 0 }
            #expect(await cluster.host.hub.status.lostSessions == 0)
        }
    }

    @Test("a message that was not stored before the disconnect gets no acknowledgement and may be sent again")
    func messageInFlight() async throws {
        try await TestCluster.run(1, setUp: Self.setUp) { cluster in
            let server = cluster.servers[0]
            let client = try await server.join()
            server.store.hold()
            client.send(#"20["message","x"]"#)
            try await eventually { server.store.held == 1 }
            server.main.disconnectSockets()
            #expect(try await client.next() == "41")
            server.store.release()
            let late = try await server.join()
            #expect(try await late.next().hasPrefix(#"42["message","x",1"#))
        }
    }

    @Test("a closed socket can still change other sockets")
    func farewell() async throws {
        try await TestServer.run { server in
            server.main.onDisconnect { socket, _ in
                socket.broadcast.socketsJoin("left behind")
                socket.to("left behind").emit("bye")
            }
        } test: { server in
            let (client, other) = (try await server.join(), try await server.join())
            client.send("1")
            #expect(try await other.next() == #"42["bye"]"#)
        }
    }

    /// The name of an event packet.
    private static func name(_ packet: String) -> String {
        String(packet.split(separator: "\"", maxSplits: 2).dropFirst().first ?? "")
    }
}
