import Cluster
import SocketTesting
import Testing

@Suite("Connection state recovery")
struct RecoveryCases {
    private static let options = ServerOptions(recovery: RecoveryOptions())

    private static func setUp(_ io: SocketServer, _ notes: CaseNotes) {
        io.onConnection { socket in
            notes.add("recovered \(socket.isRecovered)")
            guard !socket.isRecovered else { return }
            socket.join(["room1", "room2"])
            socket.setData(["foo": "bar"])
        }
        io.on("state") { socket in
            [socket.id.description, socket.rooms.sorted().filter { $0.hasPrefix("room") }.joined(separator: ",")]
                + [socket.data?.description ?? "none"]
        }
        io.on("direct") { socket in socket.emit("direct") }
    }

    @Test("the session and the missed events are restored", arguments: Deployment.allCases)
    func missedEvents(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment, Self.options, setUp: Self.setUp) { server in
            let client = try await server.connect()
            let id = client.id
            server.io.emit("hello")
            try await client.expect("hello")
            let socket = try await server.socket(of: client)
            client.client.loseConnection()
            try await server.test.settle()
            server.io.emit("hello1")
            server.io.to("room1").emit("hello2")
            server.io.to(socket.id.description).emit("hello3")
            server.io.to("other").emit("nope")
            try await server.test.settle()
            try await client.reconnect()
            #expect(client.isRecovered)
            #expect(client.id == id)
            for name in ["hello1", "hello2", "hello3"] { try await client.expect(name) }
            try await client.expectNothing()
        }
    }

    @Test("rooms and data are restored", arguments: Deployment.allCases)
    func state(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment, Self.options, setUp: Self.setUp) { server in
            let client = try await server.connect()
            let before: [String] = try await client.call("state")
            client.client.loseConnection()
            try await client.reconnect()
            let after: [String] = try await client.call("state")
            #expect(before == after)
            #expect(after[1] == "room1,room2")
            #expect(after[2] == #"{"foo":"bar"}"#)
            #expect(server.notes.all == ["recovered false", "recovered true"])
        }
    }

    @Test("a client that has received no event is restored", arguments: Deployment.allCases)
    func noOffset(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment, Self.options, setUp: Self.setUp) { server in
            let client = try await server.connect()
            client.client.loseConnection()
            try await client.reconnect()
            #expect(client.isRecovered)
            try await client.expectNothing()
        }
    }

    @Test("a client that has received no event gets those that it missed", arguments: Deployment.allCases)
    func noOffsetMissed(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment, Self.options, setUp: Self.setUp) { server in
            let client = try await server.connect()
            client.client.loseConnection()
            try await server.test.settle()
            try server.io.to("room1").emit("hello", "world")
            server.io.emit("broadcast")
            try await server.test.settle()
            try await client.reconnect()
            #expect(client.isRecovered)
            #expect(try await client.expect("hello") == "world")
            try await client.expect("broadcast")
        }
    }

    @Test("several losses one after the other lose no event", arguments: Deployment.allCases)
    func repeatedly(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment, Self.options, setUp: Self.setUp) { server in
            let client = try await server.connect()
            for number in 0..<5 {
                client.client.loseConnection()
                try await server.test.settle()
                try server.io.emit("number", number)
                try await server.test.settle()
                try await client.reconnect()
                #expect(try await client.expect("number") == number)
            }
            try await client.expectNothing()
        }
    }

    @Test("middleware does not run again", arguments: Deployment.allCases)
    func skipsMiddleware(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment, Self.options) { io, notes in
            io.use { _ in notes.add("checked") }
        } test: { server in
            let client = try await server.connect()
            client.client.loseConnection()
            try await client.reconnect()
            #expect(client.isRecovered)
            #expect(server.notes.all == ["checked"])
        }
    }

    @Test("middleware runs again if the options ask for it", arguments: Deployment.allCases)
    func runsMiddleware(_ deployment: Deployment) async throws {
        var options = Self.options
        options.skipsMiddlewareOnRecovery = false
        try await CaseServer.run(deployment, options) { io, notes in
            io.use { _ in notes.add("checked") }
        } test: { server in
            let client = try await server.connect()
            client.client.loseConnection()
            try await client.reconnect()
            #expect(client.isRecovered)
            #expect(server.notes.all == ["checked", "checked"])
        }
    }

    @Test("an unknown session is not restored", arguments: Deployment.allCases)
    func unknown(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment, Self.options, setUp: Self.setUp) { server in
            let client = try await server.connect(auth: ["pid": "foo", "offset": "bar"])
            #expect(client.id != "foo")
            #expect(server.notes.all == ["recovered false"])
        }
    }

    @Test("recovery is off by default", arguments: Deployment.allCases)
    func off(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment, setUp: Self.setUp) { server in
            let client = try await server.connect()
            let id = client.id
            client.client.loseConnection()
            try await client.reconnect()
            #expect(!client.isRecovered)
            #expect(client.id != id)
        }
    }

    @Test("a client that leaves the namespace has no session any more", arguments: Deployment.allCases)
    func left(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment, Self.options, setUp: Self.setUp) { server in
            let client = try await server.connect()
            client.disconnect()
            try await server.test.settle()
            try await client.reconnect()
            #expect(!client.isRecovered)
        }
    }

    @Test("a client that the server disconnects has no session any more", arguments: Deployment.allCases)
    func disconnected(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment, Self.options, setUp: Self.setUp) { server in
            let client = try await server.connect()
            server.io.main.disconnectSockets()
            try await client.expectDisconnect()
            try await server.test.settle()
            try await client.reconnect()
            #expect(!client.isRecovered)
        }
    }

    @Test("a session expires", arguments: Deployment.allCases)
    func expires(_ deployment: Deployment) async throws {
        let options = ServerOptions(recovery: RecoveryOptions(maxDisconnectionDuration: .seconds(5)))
        try await CaseServer.run(deployment, options, setUp: Self.setUp) { server in
            let client = try await server.connect()
            client.client.loseConnection()
            try await server.test.advance(by: .seconds(7))
            try await client.reconnect()
            #expect(!client.isRecovered)
        }
    }

    @Test("every event carries its offset as the last argument", arguments: Deployment.allCases)
    func offsets(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment, Self.options, setUp: Self.setUp) { server in
            let client = try await server.connect()
            try server.io.emit("hello", 1)
            try client.emit("direct")
            let hello = try await client.expect("hello")
            #expect(hello.count == 2)
            let direct = try await client.expect("direct")
            #expect(direct.count == 1)
        }
    }
}
