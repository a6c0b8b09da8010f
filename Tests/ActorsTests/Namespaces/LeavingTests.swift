import Persistence
import Testing

@testable import Actors

@Suite("Leaving: what a handler did before its client left", .overEachLink)
struct LeavingTests {
    @Test(
        "what it told the others behind a message comes behind it, though the client leaves before that is stored",
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

    @Test("when that cannot be stored, they are told the rest all the same")
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

    @Test("a client that a handler puts out is told nothing more, and the others everything, in order")
    func putOut() async throws {
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

    @Test("what it told the others behind a join reaches them, though the client leaves in the same breath")
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
