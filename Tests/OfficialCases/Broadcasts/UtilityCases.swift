import Cluster
import SocketTesting
import Testing

@Suite("Utility methods")
struct UtilityCases {
    /// The rooms that the three clients of a case join.
    private static let rooms = [["room1", "room2"], ["room1"], ["room2"]]

    /// Runs a case with three clients in rooms.
    private func run(
        _ deployment: Deployment, _ test: (CaseServer, [TestSocket]) async throws -> Void
    ) async throws {
        try await CaseServer.run(deployment) { io, _ in
            io.onConnection { socket in
                socket.setData(socket.handshake.auth ?? .null)
                socket.join(try socket.handshake.auth(as: Auth.self).rooms)
            }
        } test: { server in
            var clients: [TestSocket] = []
            for rooms in Self.rooms {
                clients.append(try await server.connect(auth: JSONText(encoding: Auth(rooms: rooms))))
            }
            try await server.test.settle()
            try await test(server, clients)
        }
    }

    private struct Auth: Codable, Sendable {
        var rooms: [String]
    }

    /// Checks which clients, by number, are in a room.
    private func expect(
        _ members: [Int], in room: String, _ server: CaseServer, _ clients: [TestSocket],
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let ids = try await server.io.to(room).allSockets().map(\.description)
        let found = clients.indices.filter { ids.contains(clients[$0].id ?? "") }
        #expect(found == members, sourceLocation: sourceLocation)
    }

    @Test("fetchSockets returns all sockets", arguments: Deployment.allCases)
    func fetchAll(_ deployment: Deployment) async throws {
        try await run(deployment) { server, clients in
            let sockets = try await server.io.main.fetchSockets()
            #expect(Set(sockets.map(\.id.description)) == Set(clients.compactMap(\.id)))
        }
    }

    @Test("fetchSockets returns the sockets of a room, with their rooms and data", arguments: Deployment.allCases)
    func fetchRoom(_ deployment: Deployment) async throws {
        try await run(deployment) { server, clients in
            let sockets = try await server.io.to("room1").fetchSockets()
            #expect(sockets.count == 2)
            let first = try #require(sockets.first { $0.id.description == clients[0].id })
            #expect(first.rooms == ["room1", "room2", first.id.description])
            #expect(first.data?["rooms"] == ["room1", "room2"])
            #expect(try first.data(as: [String: [String]].self) == ["rooms": ["room1", "room2"]])
        }
    }

    @Test("fetchSockets of a room without members returns none", arguments: Deployment.allCases)
    func fetchNone(_ deployment: Deployment) async throws {
        try await run(deployment) { server, _ in
            let sockets = try await server.io.to("room9").fetchSockets()
            #expect(sockets.isEmpty)
        }
    }

    @Test("a fetched socket can be sent an event, and changed", arguments: Deployment.allCases)
    func remote(_ deployment: Deployment) async throws {
        try await run(deployment) { server, clients in
            let sockets = try await server.io.main.fetchSockets()
            let second = try #require(sockets.first { $0.id.description == clients[1].id })
            second.emit("hello")
            try await clients[1].expect("hello")
            try second.emit("number", 7, "seven")
            let (number, text): (Int, String) = try await clients[1].expect("number")
            #expect(number == 7 && text == "seven")
            second.join("room3")
            second.leave("room1")
            try await server.test.settle()
            try await expect([1], in: "room3", server, clients)
            try await expect([0], in: "room1", server, clients)
            second.disconnect()
            #expect(try await clients[1].expectDisconnect() == .byServer)
        }
    }

    @Test("socketsJoin makes all sockets join a room", arguments: Deployment.allCases)
    func joinAll(_ deployment: Deployment) async throws {
        try await run(deployment) { server, clients in
            server.io.main.socketsJoin("room3")
            try await expect([0, 1, 2], in: "room3", server, clients)
            server.io.to("room3").emit("hello")
            for client in clients { try await client.expect("hello") }
        }
    }

    @Test("socketsJoin makes the sockets of a room join another", arguments: Deployment.allCases)
    func joinRoom(_ deployment: Deployment) async throws {
        try await run(deployment) { server, clients in
            server.io.to("room1").socketsJoin("room3")
            try await expect([0, 1], in: "room3", server, clients)
        }
    }

    @Test("socketsLeave makes all sockets leave a room", arguments: Deployment.allCases)
    func leaveAll(_ deployment: Deployment) async throws {
        try await run(deployment) { server, clients in
            server.io.main.socketsLeave("room1")
            try await expect([], in: "room1", server, clients)
            try await expect([0, 2], in: "room2", server, clients)
        }
    }

    @Test("socketsLeave makes the sockets of a room leave another", arguments: Deployment.allCases)
    func leaveRoom(_ deployment: Deployment) async throws {
        try await run(deployment) { server, clients in
            server.io.to("room2").socketsLeave("room1")
            try await expect([1], in: "room1", server, clients)
            try await expect([0, 2], in: "room2", server, clients)
        }
    }

    @Test("disconnectSockets disconnects all sockets", arguments: Deployment.allCases, [true, false])
    func disconnectAll(_ deployment: Deployment, closes: Bool) async throws {
        try await run(deployment) { server, clients in
            server.io.main.disconnectSockets(close: closes)
            for client in clients { try await client.expectDisconnect() }
            let left = try await server.io.main.allSockets()
            #expect(left.isEmpty)
        }
    }

    @Test("disconnectSockets disconnects the sockets of a room", arguments: Deployment.allCases, [true, false])
    func disconnectRoom(_ deployment: Deployment, closes: Bool) async throws {
        try await run(deployment) { server, clients in
            server.io.to("room2").disconnectSockets(close: closes)
            try await clients[0].expectDisconnect()
            try await clients[2].expectDisconnect()
            try await server.test.settle()
            #expect(clients[1].isConnected)
        }
    }

    @Test("sockets has the worker's own sockets", arguments: Deployment.allCases)
    func ownSockets(_ deployment: Deployment) async throws {
        try await run(deployment) { server, clients in
            var count = 0
            for worker in server.servers { count += await worker.main.sockets.count }
            #expect(count == clients.count)
            let socket = try await server.socket(of: clients[0])
            #expect(socket.id.description == clients[0].id)
        }
    }
}
