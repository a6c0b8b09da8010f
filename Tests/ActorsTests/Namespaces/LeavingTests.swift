import Persistence
import Testing

@testable import Actors

@Suite("Actions of a handler whose client disconnects", .overEachLink)
struct LeavingTests {
    @Test(
        "a broadcast that follows a message arrives after it, even if its client disconnects before the store answers",
        arguments: ["1", nil])
    func heldBroadcast(packet: String?) async throws {
        try await TestServer.run { server in
            server.main.storesMessages(as: "message")
            server.main.on("go") { socket, event in
                socket.store(MessageDraft(clientOffset: nil, content: Array("x".utf8)), acknowledgement: nil)
                socket.emit("to itself")
                socket.broadcast.emit("behind it")
            }
            server.main.onDisconnect { socket, _ in socket.broadcast.emit("left") }
        } test: { server in
            let (client, other) = (try await server.join(), try await server.join())
            server.store.hold()
            client.send(#"2["go"]"#)
            try await eventually { server.store.held == 1 }
            if let packet { client.send(packet) } else { client.close() }
            try await eventually { await server.server.status.sockets == 1 }
            server.store.release()
            #expect(
                try await other.next(3) == [#"42["message","x",1]"#, #"42["behind it"]"#, #"42["left"]"#])
        }
    }

    @Test("broadcasts after a message arrive even if storing the message fails")
    func heldBroadcastFails() async throws {
        try await TestServer.run { server in
            server.main.on("go") { socket, event in
                socket.store(MessageDraft(clientOffset: nil, content: Array("x".utf8)), acknowledgement: nil)
                socket.emit("to itself")
                socket.broadcast.emit("behind it")
                socket.store(MessageDraft(clientOffset: nil, content: Array("y".utf8)), acknowledgement: nil)
                socket.broadcast.emit("at last")
            }
        } test: { server in
            let (client, other) = (try await server.join(), try await server.join())
            server.store.hold()
            server.store.setFailing(true)
            client.send(#"2["go"]"#)
            try await eventually { server.store.held == 1 }
            client.close()
            try await eventually { await server.server.status.sockets == 1 }
            server.store.release()
            #expect(try await other.next(2) == [#"42["behind it"]"#, #"42["at last"]"#])
            #expect(await server.server.status.bytesInFlight == 0)
        }
    }

    @Test("after a handler disconnects its client, only the other clients receive its events, in order")
    func disconnected() async throws {
        try await TestServer.run { server in
            server.main.on("go") { socket, event in
                socket.join("room")
                socket.disconnect()
                for number in 0..<3 {
                    socket.broadcast.emit("\(number)")
                    socket.emit("never")
                }
            }
            server.main.onDisconnect { socket, _ in socket.broadcast.emit("left") }
        } test: { server in
            let (client, other) = (try await server.join(), try await server.join())
            client.send(#"2["go"]"#)
            #expect(try await client.next() == "41")
            #expect(try await other.next(4) == [#"42["0"]"#, #"42["1"]"#, #"42["2"]"#, #"42["left"]"#])
        }
    }

    @Test("a broadcast after a join arrives even if the client's disconnect arrives together with the event")
    func behindJoin() async throws {
        try await TestServer.run { server in
            server.main.on("go") { socket, event in
                socket.join("room")
                event.acknowledgement?()
                socket.broadcast.emit("behind it")
            }
            server.main.onDisconnect { socket, _ in socket.broadcast.emit("left") }
        } test: { server in
            let (client, other) = (try await server.join(), try await server.join())
            client.send([#"20["go"]"#, "1"])
            #expect(try await other.next(2) == [#"42["behind it"]"#, #"42["left"]"#])
        }
    }
}
