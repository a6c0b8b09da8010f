import Cluster
import Testing

@testable import Actors

@Suite("A socket that the application ends while it connects", .overEachLink)
struct EndingWhileConnectingTests {
    @Test("a handler of outgoing events that closes the connection leaves nothing behind")
    func outgoing() async throws {
        try await TestServer.run { server in
            server.main.use { socket in
                socket.onAnyOutgoing { socket, _ in socket.disconnect(close: true) }
                socket.emit("early")
            }
        } test: { server in
            let client = try await server.connect()
            client.send(#"0{"token":"secret"}"#)
            _ = try await client.end()
            try await eventually { await server.server.status.sessions == 0 }
            let status = await server.server.status
            #expect(status.sockets == 0)
            #expect(status.handshakeBytes == 0)
        }
    }

    @Test("a handler of rooms that closes the connection of a recovered client ends its socket")
    func recovered() async throws {
        try await TestServer.run(recovery: RecoveryOptions()) { server in
            server.main.onConnection { socket in
                server.notes.add("connected")
                socket.join("r")
            }
            server.main.onRoomChange { change in
                guard case .joined("r", _) = change else { return }
                server.notes.add("joined")
                if server.notes.all.contains("lost") { server.main.local.disconnectSockets(close: true) }
            }
        } test: { server in
            let client = try await RecoveringClient(server)
            try await eventually { server.notes.all == ["connected", "joined"] }
            client.socket.reset()
            try await eventually { await server.hub.status.lostSessions == 1 }
            server.notes.add("lost")
            let back = try await server.connect()
            back.send(#"0{"pid":"\#(client.pid)"}"#)
            _ = try await back.end()
            try await eventually { await server.server.status.sessions == 0 }
            #expect(await server.server.status.sockets == 0)
            #expect(server.notes.all == ["connected", "joined", "lost", "joined"])
        }
    }
}
