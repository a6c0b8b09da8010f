import Cluster
import SocketTesting
import Testing

@Suite("Middleware of namespaces")
struct MiddlewareCases {
    private struct Secret: Error {}

    @Test("every function runs", arguments: Deployment.allCases)
    func runs(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment) { io, notes in
            io.use { _ in notes.add("1") }
            io.use { _ in notes.add("2") }
        } test: { server in
            try await server.connect()
            #expect(server.notes.all == ["1", "2"])
        }
    }

    @Test("an error refuses the client and ends the chain", arguments: Deployment.allCases)
    func passesErrors(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment) { io, notes in
            io.use { _ in throw ConnectError("Authentication error") }
            io.use { _ in notes.add("nope") }
            io.onConnection { _ in notes.add("nope") }
        } test: { server in
            let error = await #expect(throws: ConnectError.self) { try await server.connect() }
            #expect(error?.message == "Authentication error")
            #expect(error?.data == nil)
            #expect(server.notes.all.isEmpty)
        }
    }

    @Test("an error can have data for the client", arguments: Deployment.allCases)
    func passesData(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment) { io, _ in
            io.use { _ in throw ConnectError("Authentication error", data: ["a": "b", "c": 3]) }
        } test: { server in
            let error = await #expect(throws: ConnectError.self) { try await server.connect() }
            #expect(error?.data == ["a": "b", "c": 3])
        }
    }

    @Test("the message of another error stays on the server", arguments: Deployment.allCases)
    func otherError(_ deployment: Deployment) async throws {
        // Node sends the message of every error. Ours sends only those that are meant for the client.
        try await CaseServer.run(deployment) { io, _ in
            io.use { _ in throw Secret() }
        } test: { server in
            let error = await #expect(throws: ConnectError.self) { try await server.connect() }
            #expect(error?.message == "internal server error")
            #expect(server.notes.all == ["report: Secret() in /"])
        }
    }

    @Test("the connection handler runs after the functions and sees their data", arguments: Deployment.allCases)
    func data(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment) { io, notes in
            io.use { socket in socket.setData("guillermo") }
            io.onConnection { socket in notes.add(socket.data?.string ?? "none") }
        } test: { server in
            try await server.connect()
            #expect(server.notes.all == ["guillermo"])
        }
    }

    @Test("the connection waits for asynchronous functions", arguments: Deployment.allCases)
    func asynchronous(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment) { io, notes in
            io.use { (_) async throws in
                for _ in 0..<10 { await Task.yield() }
                notes.add("authenticated")
            }
            io.onConnection { _ in notes.add("connected") }
        } test: { server in
            try await server.connect()
            #expect(server.notes.all == ["authenticated", "connected"])
        }
    }

    @Test("a client that is gone meanwhile is not connected", arguments: Deployment.allCases)
    func gone(_ deployment: Deployment) async throws {
        let (gate, opening) = AsyncStream<Void>.makeStream()
        try await CaseServer.run(deployment) { io, notes in
            io.use { (_) async throws in
                notes.add("asked")
                for await _ in gate {}
                notes.add("answered")
            }
            io.onConnection { _ in notes.add("connected") }
            io.onDisconnect { _, _ in notes.add("disconnected") }
        } test: { server in
            let client = try server.client()
            let connecting = Task { try await client.connect() }
            try await server.waitForNote("asked")
            client.loseConnection()
            await #expect(throws: TestError.self) { try await connecting.value }
            try await server.test.settle()
            opening.finish()
            try await server.waitForNote("answered")
            #expect(server.notes.all == ["asked", "answered"])
            #expect(try await server.io.allSockets().isEmpty)
        }
    }

    @Test("an asynchronous function can refuse the client", arguments: Deployment.allCases)
    func asynchronousError(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment) { io, _ in
            io.use { (_) async throws in
                await Task.yield()
                throw ConnectError("late")
            }
        } test: { server in
            let error = await #expect(throws: ConnectError.self) { try await server.connect() }
            #expect(error?.message == "late")
        }
    }

    @Test("functions of a namespace run in their order, those of others do not run", arguments: Deployment.allCases)
    func order(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment) { io, notes in
            io.use { _ in notes.add("nope") }
            for number in 1...3 {
                io.of("/chat").use { (_) async throws in
                    await Task.yield()
                    notes.add("\(number)")
                }
            }
        } test: { server in
            try await server.connect("/chat")
            #expect(server.notes.all == ["1", "2", "3"])
        }
    }

    @Test("a namespace with functions and one without work side by side", arguments: Deployment.allCases)
    func custom(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment) { io, notes in
            io.of("/chat").use { _ in notes.add("chat") }
        } test: { server in
            try await server.connect("/")
            try await server.connect("/chat")
            #expect(server.notes.all == ["chat"])
        }
    }

    @Test("a socket is connected only after the functions", arguments: Deployment.allCases)
    func connected(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment) { io, notes in
            io.use { socket in notes.add("\(socket.isConnected)") }
            io.onConnection { socket in notes.add("\(socket.isConnected)") }
        } test: { server in
            try await server.connect()
            #expect(server.notes.all == ["false", "true"])
        }
    }

    @Test("a refused client is in no room", arguments: Deployment.allCases)
    func refusedRooms(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment) { io, _ in
            io.use { socket in
                socket.join("room1")
                throw ConnectError("nope")
            }
        } test: { server in
            await #expect(throws: ConnectError.self) { try await server.connect() }
            try await server.test.settle()
            let members = try await server.io.to("room1").allSockets()
            #expect(members.isEmpty)
            let all = try await server.io.main.allSockets()
            #expect(all.isEmpty)
        }
    }

    @Test("rooms that a function joins count from the connection on", arguments: Deployment.allCases)
    func joinedRooms(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment) { io, _ in
            io.use { socket in socket.join("room1") }
        } test: { server in
            let client = try await server.connect()
            try await server.test.settle()
            server.io.to("room1").emit("a")
            try await client.expect("a")
        }
    }

    @Test("a refused client may try again with other auth", arguments: Deployment.allCases)
    func again(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment) { io, _ in
            io.use { socket in
                guard socket.handshake.auth?["token"]?.string == "right" else { throw ConnectError("wrong") }
            }
        } test: { server in
            let client = try server.client()
            await #expect(throws: ConnectError.self) { try await client.connect(auth: ["token": "x"]) }
            #expect(try await client.connect(auth: ["token": "right"]).isConnected)
        }
    }
}
