import Cluster
import SocketTesting
import Testing

@Suite("Namespaces")
struct NamespaceCases {
    @Test("the server's own methods are those of its main namespace", arguments: Deployment.allCases)
    func alias(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment) { server in
            #expect(server.io.main === server.io.of("/"))
            #expect(server.io.main.name == "/")
            let clients = try await server.connect(2)
            server.io.emit("a", [])
            for client in clients { try await client.expect("a") }
        }
    }

    @Test("a client connects to the main namespace", arguments: Deployment.allCases)
    func connects(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment) { server in
            let client = try await server.connect()
            #expect(client.isConnected)
            #expect(client.id != nil)
        }
    }

    @Test("the connection handler runs for each new client", arguments: Deployment.allCases)
    func connection(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment) { io, notes in
            io.onConnection { socket in notes.add("connected \(socket.isConnected)") }
        } test: { server in
            try await server.connect()
            #expect(server.notes.all == ["connected true"])
        }
    }

    @Test("several connection handlers run in their order", arguments: Deployment.allCases)
    func connectionOrder(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment) { io, notes in
            io.onConnection { _ in notes.add("first") }
            io.onConnection { _ in notes.add("second") }
        } test: { server in
            try await server.connect()
            #expect(server.notes.all == ["first", "second"])
        }
    }

    @Test("clients of several namespaces connect", arguments: Deployment.allCases)
    func several(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment) { io, _ in
            _ = io.of("/chat")
            _ = io.of("/news")
        } test: { server in
            let chat = try await server.connect("/chat")
            let news = try await server.connect("/news")
            #expect(chat.isConnected && news.isConnected)
        }
    }

    @Test("the empty name and a name without a slash mean the same on the server", arguments: Deployment.allCases)
    func serverNames(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment) { io, notes in
            io.of("").onConnection { socket in notes.add(socket.namespace.name) }
            io.of("abc").onConnection { socket in notes.add(socket.namespace.name) }
        } test: { server in
            try await server.connect("/")
            try await server.connect("/abc")
            #expect(server.notes.all == ["/", "/abc"])
        }
    }

    @Test("the empty name means the main namespace for a client", arguments: Deployment.allCases)
    func clientNames(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment) { io, notes in
            io.onConnection { socket in notes.add(socket.namespace.name) }
        } test: { server in
            try await server.connect("")
            #expect(server.notes.all == ["/"])
        }
    }

    @Test("handlers of a namespace see only its own sockets", arguments: Deployment.allCases)
    func separate(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment) { io, notes in
            _ = io.of("/chat")
            io.of("/news").onConnection { _ in notes.add("news 1") }
            io.of("/news").onConnection { _ in notes.add("news 2") }
        } test: { server in
            try await server.connect("/chat")
            try await server.connect("/news")
            #expect(server.notes.all == ["news 1", "news 2"])
        }
    }

    @Test("closing the connection disconnects all namespaces", arguments: Deployment.allCases)
    func transport(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment) { io, notes in
            for name in ["/chat", "/news"] {
                io.of(name).onDisconnect { _, reason in notes.add("\(name) \(reason.rawValue)") }
            }
            io.of("/chat").on("close") { socket in socket.disconnect(close: true) }
        } test: { server in
            let client = try server.client()
            let chat = try await client.connect("/chat")
            let news = try await client.connect("/news")
            try chat.emit("close")
            try await news.expectDisconnect()
            try await chat.expectDisconnect()
            try await server.test.settle()
            #expect(server.notes.all.map { $0.prefix(5) }.sorted() == ["/chat", "/news"])
        }
    }

    @Test("the disconnecting handler runs before the rooms are left", arguments: Deployment.allCases)
    func disconnecting(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment) { io, notes in
            io.onConnection { socket in socket.join("a") }
            io.on("leave") { socket in socket.disconnect() }
            io.onDisconnecting { socket, _ in notes.add("disconnecting \(socket.rooms.contains("a"))") }
            io.onDisconnect { _, reason in notes.add("disconnect \(reason.rawValue)") }
        } test: { server in
            let client = try await server.connect()
            try client.emit("leave")
            #expect(try await client.expectDisconnect() == .byServer)
            try await server.test.settle()
            #expect(server.notes.all == ["disconnecting true", "disconnect server namespace disconnect"])
        }
    }

    @Test("a namespace that does not exist is refused", arguments: Deployment.allCases)
    func missing(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment) { server in
            let error = await #expect(throws: ConnectError.self) { try await server.connect("/doesnotexist") }
            #expect(error?.message == "Invalid namespace")
        }
    }

    @Test("each client of a namespace has a connection of its own", arguments: Deployment.allCases)
    func connections(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment) { io, notes in
            io.onConnection { socket in notes.add("\(socket.id)") }
        } test: { server in
            let clients = try await server.connect(2)
            #expect(Set(server.notes.all) == Set(clients.compactMap(\.id)))
            #expect(server.notes.all.count == 2)
        }
    }

    @Test("allSockets has the sockets of its namespace only", arguments: Deployment.allCases)
    func allSockets(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment) { io, _ in
            _ = io.of("/chat")
            _ = io.of("/other")
        } test: { server in
            let chat = try await server.connect(2, "/chat")
            try await server.connect("/other")
            let found = try await server.io.of("/chat").allSockets()
            #expect(Set(found.map(\.description)) == Set(chat.compactMap(\.id)))
        }
    }

    @Test("allSockets of a room has the members of the room in its namespace only", arguments: Deployment.allCases)
    func allSocketsOfRoom(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment) { io, _ in
            for name in ["/chat", "/other"] {
                io.of(name).onConnection { socket in
                    if let room = socket.handshake.auth?["room"]?.string { socket.join(room) }
                }
            }
        } test: { server in
            let foo = try await server.connect("/chat", auth: ["room": "foo"])
            try await server.connect("/chat", auth: ["room": "bar"])
            try await server.connect("/other", auth: ["room": "foo"])
            try await server.test.settle()
            let found = try await server.io.of("/chat").to("foo").allSockets()
            #expect(found.map(\.description) == [foo.id])
        }
    }

    @Test("a volatile event arrives at a client that receives", arguments: Deployment.allCases)
    func volatile(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment) { io, _ in
            _ = io.of("/chat")
        } test: { server in
            let client = try await server.connect("/chat")
            try server.io.of("/chat").everyone.volatile.emit("ev", "data")
            #expect(try await client.expect("ev") == "data")
        }
    }

    @Test("an event with a reserved name is reported and not sent", arguments: ReservedNames.all)
    func reserved(name: String) async throws {
        // Node throws here. Ours reports it, because an emit that cannot throw reads better in handlers.
        try await CaseServer.run(.oneProcess) { server in
            let client = try await server.connect()
            server.io.emit(name)
            #expect(server.notes.all == ["report: reserved \(name) in /"])
            try await client.expectNothing()
        }
    }

    @Test("the namespace's emit can exclude one socket", arguments: ["/", "/nsp"])
    func exceptSocket(name: String) async throws {
        try await CaseServer.run(.workers) { io, _ in
            _ = io.of(name)
        } test: { server in
            let clients = try await server.connect(2, name)
            let excluded = try #require(clients[1].id)
            server.io.of(name).except(excluded).emit("a")
            try await clients[0].expect("a")
            try await clients[1].expectNothing()
        }
    }

    @Test("the namespace's emit can exclude a room", arguments: Deployment.allCases)
    func exceptRoom(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment) { io, _ in
            let namespace = io.of("/nsp")
            namespace.on("broadcast") { [unowned namespace] socket in
                socket.join("room1")
                await Task.yield()
                namespace.except("room1").emit("a")
            }
        } test: { server in
            let clients = try await server.connect(2, "/nsp")
            try await clients[1].emitWithAcknowledgement("broadcast")
            try await clients[0].expect("a")
            try await clients[1].expectNothing()
        }
    }

    @Test("an audience is a value: later calls do not change it", arguments: Deployment.allCases)
    func immutable(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment) { io, _ in
            io.on("join") { (socket, room: String) in socket.join(room) }
        } test: { server in
            let clients = try await server.connect(2)
            try await clients[0].emitWithAcknowledgement("join", [.json("room1")])
            try await clients[1].emitWithAcknowledgement("join", [.json("room2")])
            let audience = server.io.to("room1")
            _ = audience.to("room2")
            _ = audience.except("room1")
            _ = audience.volatile
            audience.emit("a")
            try await clients[0].expect("a")
            try await clients[1].expectNothing()
        }
    }
}

/// Names that the official clients use for their own events.
enum ReservedNames {
    static let all = ["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"]
}
