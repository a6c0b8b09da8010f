import Testing

@testable import Actors

@Suite("Rooms: the recipients of an event", .overEachLink)
struct RoomDeliveryTests {
    /// Runs a test with four clients and their ids: the first is in room 1, the second in room 2, the third in both and
    /// the fourth in none.
    static func run(_ test: (_ server: TestServer, _ clients: [TestClient], _ ids: [String]) async throws -> Void)
        async throws
    {
        try await TestServer.run { server in
            server.main.on("join") { socket, event in
                for case .json(let room) in event.arguments { socket.join(room.string ?? "") }
                event.acknowledgement?()
            }
            server.main.on("leave") { socket, event in
                for case .json(let room) in event.arguments { socket.leave(room.string ?? "") }
                event.acknowledgement?()
            }
        } test: { server in
            var clients: [TestClient] = []
            var ids: [String] = []
            for rooms in ["\"1\"", "\"2\"", "\"1\",\"2\"", ""] {
                let client = try await server.connect()
                ids.append(try await client.join())
                client.send("20[\"join\"\(rooms.isEmpty ? "" : ",")\(rooms)]")
                #expect(try await client.next() == "430[]")
                clients.append(client)
            }
            try await test(server, clients, ids)
        }
    }

    /// Checks that exactly these clients receive the event `x`, once.
    static func expect(
        _ receivers: [Int], of clients: [TestClient], _ server: TestServer, emit: () -> Void,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        emit()
        server.main.emit("end")
        for (index, client) in clients.enumerated() {
            if receivers.contains(index) {
                #expect(try await client.next() == #"42["x"]"#, "client \(index)", sourceLocation: sourceLocation)
            }
            #expect(try await client.next() == #"42["end"]"#, "client \(index)", sourceLocation: sourceLocation)
        }
    }

    @Test("each recipient of any combination of rooms and exceptions receives an event once")
    func audiences() async throws {
        try await Self.run { server, clients, ids in
            let main = server.main
            let cases: [(Audience, [Int])] = [
                (main.everyone, [0, 1, 2, 3]),
                (main.to("1"), [0, 2]),
                (main.to("2"), [1, 2]),
                (main.to("1", "2"), [0, 1, 2]),
                (main.to("1").to("2"), [0, 1, 2]),
                (main.to("1", "1"), [0, 2]),
                (main.to("nobody"), []),
                (main.to("nobody", "1"), [0, 2]),
                (main.everyone.except("1"), [1, 3]),
                (main.everyone.except("1", "2"), [3]),
                (main.everyone.except("nobody"), [0, 1, 2, 3]),
                (main.to("1").except("2"), [0]),
                (main.to("1", "2").except("1"), [1]),
                (main.to("1").except("1"), []),
                (main.everyone.volatile, [0, 1, 2, 3]),
                (main.to("1").volatile, [0, 2]),
            ]
            for (audience, receivers) in cases {
                try await Self.expect(receivers, of: clients, server) { audience.emit("x") }
            }
        }
    }

    @Test("a socket's id names a room that contains the socket")
    func ownRooms() async throws {
        try await Self.run { server, clients, ids in
            let main = server.main
            let cases: [(Audience, [Int])] = [
                (main.to(ids[3]), [3]),
                (main.to(ids[0], ids[3]), [0, 3]),
                (main.to("1", ids[0]), [0, 2]),
                (main.to("1", ids[3]), [0, 2, 3]),
                (main.everyone.except(ids[3]), [0, 1, 2]),
                (main.to("1").except(ids[2]), [0]),
                (main.to(String(repeating: "x", count: 20)), []),
                (server.server.of("/other").to(ids[3]), []),
            ]
            for (audience, receivers) in cases {
                try await Self.expect(receivers, of: clients, server) { audience.emit("x") }
            }
        }
    }

    @Test("a room named after a socket contains that socket and the sockets that joined it")
    func joinedOwnRoom() async throws {
        try await Self.run { server, clients, ids in
            clients[0].send("20[\"join\",\"\(ids[3])\"]")
            #expect(try await clients[0].next() == "430[]")
            try await Self.expect([0, 3], of: clients, server) { server.main.to(ids[3]).emit("x") }
            try await Self.expect([1, 2], of: clients, server) { server.main.everyone.except(ids[3]).emit("x") }
            clients[0].send("20[\"leave\",\"\(ids[3])\"]")
            #expect(try await clients[0].next() == "430[]")
            try await Self.expect([3], of: clients, server) { server.main.to(ids[3]).emit("x") }
        }
    }

    @Test("a socket that left a room receives no events of it, and a repeated join has no effect")
    func leaves() async throws {
        try await Self.run { server, clients, _ in
            clients[0].send(#"20["join","1","1"]"#)
            #expect(try await clients[0].next() == "430[]")
            try await Self.expect([0, 2], of: clients, server) { server.main.to("1").emit("x") }
            clients[0].send(#"20["leave","1","never joined"]"#)
            #expect(try await clients[0].next() == "430[]")
            try await Self.expect([2], of: clients, server) { server.main.to("1").emit("x") }
            clients[2].send("1")
            try await eventually { await server.server.status.sockets == 3 }
            try await Self.expect([], of: [clients[0], clients[1], clients[3]], server) {
                server.main.to("1").emit("x")
            }
        }
    }

    @Test("rooms with the same name in two namespaces are different rooms")
    func namespaces() async throws {
        try await Self.run { server, clients, _ in
            let other = server.server.of("/other")
            other.onConnection { socket in socket.join("1") }
            try await clients[3].join("/other")
            try await Self.expect([0, 2], of: clients, server) { server.main.to("1").emit("x") }
            other.to("1").emit("x")
            #expect(try await clients[3].next() == #"42/other,["x"]"#)
        }
    }
}
