import Cluster
import SocketTesting
import Testing

@Suite("Messaging many")
struct ManyCases {
    private static func setUp(_ io: SocketServer, _ notes: CaseNotes) {
        _ = io.of("/test")
        io.on("join") { (socket, room: String) in socket.join(room) }
        io.on("leave") { (socket, room: String) in socket.leave(room) }
        io.on("broadcast") { socket in try socket.broadcast.emit("a", "b") }
        io.on("to room") { (socket, room: String) in socket.to(room).emit("a") }
        io.on("except") { (socket, room: String) in socket.except(room).emit("a") }
        io.on("binary to room") { (socket, room: String) in
            socket.to(room).emit("bin", [.binary([0, 1, 2, 3, 4])])
            socket.emit("bin2", [.binary([5])])
        }
    }

    private func join(_ client: TestSocket, _ rooms: String...) async throws {
        for room in rooms { try await client.emitWithAcknowledgement("join", [.json(JSONText(string: room))]) }
    }

    @Test("the server emits to a namespace", arguments: Deployment.allCases)
    func namespace(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment, setUp: Self.setUp) { server in
            let clients = try await server.connect(2)
            let other = try await server.connect("/test")
            try server.io.emit("a", "b")
            for client in clients { #expect(try await client.expect("a") == "b") }
            try await other.expectNothing()
        }
    }

    @Test("the server emits binary data to a namespace", arguments: Deployment.allCases)
    func binary(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment, setUp: Self.setUp) { server in
            let clients = try await server.connect(2)
            let other = try await server.connect("/test")
            server.io.emit("bin", [.binary([UInt8](repeating: 3, count: 10))])
            for client in clients {
                let arguments = try await client.expect("bin")
                #expect(arguments == [.binary([UInt8](repeating: 3, count: 10))])
            }
            try await other.expectNothing()
        }
    }

    @Test("a socket emits to the rest", arguments: Deployment.allCases)
    func rest(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment, setUp: Self.setUp) { server in
            let clients = try await server.connect(2)
            let other = try await server.connect("/test")
            try clients[1].emit("broadcast")
            #expect(try await clients[0].expect("a") == "b")
            try await clients[1].expectNothing()
            try await other.expectNothing()
        }
    }

    @Test("the server emits to a room", arguments: Deployment.allCases)
    func room(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment, setUp: Self.setUp) { server in
            let clients = try await server.connect(2)
            try await join(clients[0], "woot")
            server.io.to("woot").emit("a")
            try await clients[0].expect("a")
            try await clients[1].expectNothing()
        }
    }

    @Test("a member of several rooms receives an event once", arguments: Deployment.allCases)
    func noDuplicates(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment, setUp: Self.setUp) { server in
            let clients = try await server.connect(2)
            try await join(clients[0], "woot", "test")
            try await join(clients[1], "third")
            server.io.to("woot").to("test").emit("a")
            server.io.to("third").emit("b")
            try await clients[0].expect("a")
            try await clients[1].expect("b")
            try await clients[0].expectNothing()
            try await clients[1].expectNothing()
        }
    }

    @Test("a socket emits to the other members of a room", arguments: Deployment.allCases)
    func broadcastsToRoom(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment, setUp: Self.setUp) { server in
            let clients = try await server.connect(3)
            try await join(clients[0], "woot")
            try await join(clients[1], "test")
            try await join(clients[2], "test")
            try clients[2].emit("to room", "test")
            try await clients[1].expect("a")
            try await clients[0].expectNothing()
            try await clients[2].expectNothing()
        }
    }

    @Test("a socket emits binary data to the other members of a room", arguments: Deployment.allCases)
    func broadcastsBinary(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment, setUp: Self.setUp) { server in
            let clients = try await server.connect(3)
            try await join(clients[0], "woot")
            try await join(clients[1], "test")
            try await join(clients[2], "test")
            try clients[2].emit("binary to room", "test")
            let bin = try await clients[1].expect("bin")
            #expect(bin == [.binary([0, 1, 2, 3, 4])])
            let bin2 = try await clients[2].expect("bin2")
            #expect(bin2 == [.binary([5])])
            for client in clients { try await client.expectNothing() }
        }
    }

    @Test("a socket keeps track of its rooms", arguments: Deployment.allCases)
    func rooms(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment) { io, notes in
            io.onConnection { socket in
                for room in ["a", "b", "c"] {
                    socket.join(room)
                    notes.add(socket.rooms.subtracting([socket.id.description]).sorted().joined())
                }
                for room in ["b", "unknown"] {
                    socket.leave(room)
                    notes.add(socket.rooms.subtracting([socket.id.description]).sorted().joined())
                }
                notes.add("\(socket.rooms.contains(socket.id.description))")
            }
        } test: { server in
            try await server.connect()
            #expect(server.notes.all == ["a", "ab", "abc", "ac", "ac", "true"])
        }
    }

    @Test("a socket joins several rooms at once", arguments: Deployment.allCases)
    func severalRooms(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment) { io, notes in
            io.onConnection { socket in
                socket.join("a", "b")
                socket.join(["c", "d"])
                socket.leave("d", "a")
                socket.join("a")
                notes.add(socket.rooms.subtracting([socket.id.description]).sorted().joined())
            }
        } test: { server in
            let client = try await server.connect()
            #expect(server.notes.all == ["abc"])
            for room in ["b", "c"] {
                server.io.to(room).emit("hello")
                try await client.expect("hello")
            }
            server.io.to("d").emit("hello")
            try await client.expectNothing()
        }
    }

    @Test("a room without members receives nothing and is no error", arguments: Deployment.allCases)
    func emptyRoom(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment, setUp: Self.setUp) { server in
            let client = try await server.connect()
            try await join(client, "a")
            try await client.emitWithAcknowledgement("leave", [.json("a")])
            try await server.test.settle()
            server.io.to("a").emit("a")
            try await client.expectNothing()
            #expect(try await server.io.to("a").allSockets().isEmpty)
        }
    }

    @Test("a broadcast can exclude a socket", arguments: Deployment.allCases)
    func exceptSocket(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment, setUp: Self.setUp) { server in
            let clients = try await server.connect(3)
            let excluded = try #require(clients[1].id)
            try clients[2].emit("except", excluded)
            try await clients[0].expect("a")
            try await clients[1].expectNothing()
            try await clients[2].expectNothing()
        }
    }

    @Test("a broadcast can exclude a room", arguments: Deployment.allCases)
    func exceptRoom(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment, setUp: Self.setUp) { server in
            let clients = try await server.connect(3)
            try await join(clients[1], "room1")
            try await server.test.settle()
            try clients[2].emit("except", "room1")
            try await clients[0].expect("a")
            try await clients[1].expectNothing()
            try await clients[2].expectNothing()
        }
    }

    @Test("an event to several rooms can exclude another", arguments: Deployment.allCases)
    func roomsExcept(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment, setUp: Self.setUp) { server in
            let clients = try await server.connect(3)
            try await join(clients[0], "a")
            try await join(clients[1], "b")
            try await join(clients[2], "a", "c")
            try await server.test.settle()
            server.io.to("a", "b").except("c").emit("x")
            try await clients[0].expect("x")
            try await clients[1].expect("x")
            try await clients[2].expectNothing()
        }
    }

    @Test("an audience of an empty list of rooms is empty", arguments: Deployment.allCases)
    func emptyList(_ deployment: Deployment) async throws {
        // Node sends to everyone here.
        try await CaseServer.run(deployment) { server in
            let client = try await server.connect()
            server.io.main.to([]).emit("a")
            try await client.expectNothing()
        }
    }

    @Test("a socket's id is a room with only that socket", arguments: Deployment.allCases)
    func ownRoom(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment) { server in
            let clients = try await server.connect(2)
            let id = try #require(clients[1].id)
            server.io.to(id).emit("private")
            try await clients[1].expect("private")
            let socket = try await server.socket(of: clients[1])
            try server.io.to(socket.id).to("nobody").emit("id", socket.id)
            #expect(try await clients[1].expect("id") == id)
            try await clients[0].expectNothing()
        }
    }

    @Test("a local event stays on its worker")
    func local() async throws {
        try await CaseServer.run(.workers) { server in
            let clients = try await server.connect(2)
            server.servers[1].main.local.emit("here")
            try await clients[1].expect("here")
            try await clients[0].expectNothing()
        }
    }

    @Test("every client sees the events of all sockets in one order", arguments: Deployment.allCases)
    func oneOrder(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment) { io, _ in
            io.on("say") { [unowned io] (socket, number: Int) in try io.emit("said", "\(socket.id)", number) }
        } test: { server in
            let clients = try await server.connect(4)
            for number in 0..<20 { for client in clients { try client.emit("say", number) } }
            var orders: [[String]] = []
            for client in clients {
                var order: [String] = []
                for _ in 0..<80 {
                    let (id, number): (String, Int) = try await client.expect("said")
                    order.append("\(id) \(number)")
                }
                orders.append(order)
            }
            #expect(Set(orders).count == 1)
        }
    }
}
