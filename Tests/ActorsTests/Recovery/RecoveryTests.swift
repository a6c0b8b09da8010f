import Cluster
import Testing

@testable import Actors

@Suite("Recovery: a lost client resumes its session", .overEveryLink)
struct RecoveryTests {
    @Test("all packets that arrive before the answer to a claim are handled after it, in order")
    func early() async throws {
        try await TestServer.run(recovery: RecoveryOptions()) { server in
            server.main.on("count") { _, event in
                server.notes.add(String(decoding: event.arguments.slice, as: UTF8.self))
            }
        } test: { server in
            let client = try await server.connect()
            client.send([#"0{"pid":"unknown"}"#] + (0..<2000).map { #"2["count",\#($0)]"# })
            try await eventually { server.notes.all.count == 2000 }
            #expect(server.notes.all == (0..<2000).map { "\($0)" })
        }
    }

    @Test("a resumed session has its rooms and every missed broadcast, direct emit and room event, in order")
    func missed() async throws {
        try await TestServer.run(recovery: RecoveryOptions()) { server in
            server.main.onConnection { socket in
                server.notes.add("\(socket.isRecovered) \(socket.rooms.contains("r"))")
                if !socket.isRecovered { socket.join("r") }
            }
            server.main.on("first") { socket, _ in socket.emit("first") }
        } test: { server in
            var client = try await RecoveringClient(server)
            client.socket.send(#"2["first"]"#)
            #expect(try await client.next() == #"42["first"]"#)
            client.socket.reset()
            try await eventually { await server.hub.status.lostSessions == 1 }
            server.main.emit("to all", [.json(JSONText(integer: 1))])
            server.main.to("r").emit("to the room", [.json(JSONText(string: "a string"))])
            server.main.to("another room").emit("not for it")
            server.main.to(client.sid).emit("to itself")
            var back = try await RecoveringClient(server, lost: client)
            #expect(back.sid == client.sid && back.pid == client.pid)
            #expect(
                try await back.next(3)
                    == [#"42["to all",1]"#, #"42["to the room","a string"]"#, #"42["to itself"]"#])
            server.main.to("r").emit("live")
            #expect(try await back.next() == #"42["live"]"#)
            #expect(server.notes.all == ["false false", "true true"])
        }
    }

    @Test("middleware does not run for a recovered session")
    func middleware() async throws {
        try await TestServer.run(recovery: RecoveryOptions()) { server in
            server.main.use { _ throws(ConnectError) in server.notes.add("checked") }
        } test: { server in
            let client = try await RecoveringClient(server)
            client.socket.reset()
            let back = try await RecoveringClient(server, lost: client)
            #expect(back.pid == client.pid && server.notes.all == ["checked"])
        }
    }

    @Test("a recovered session has the data that was set")
    func data() async throws {
        try await TestServer.run(recovery: RecoveryOptions()) { server in
            server.main.onConnection { socket in
                if let data = socket.data { server.notes.add(data.description) }
                socket.setData(JSONText(integer: 7))
            }
        } test: { server in
            let client = try await RecoveringClient(server)
            client.socket.reset()
            _ = try await RecoveringClient(server, lost: client)
            try await eventually { server.notes.all == ["7"] }
        }
    }

    @Test("a claim closes the old connection if it is still open, and the session continues")
    func latestClaimWins() async throws {
        try await TestServer.run(recovery: RecoveryOptions()) { server in
            server.main.onDisconnect { _, reason in server.notes.add(reason.rawValue) }
        } test: { server in
            let client = try await RecoveringClient(server)
            var second = try await RecoveringClient(server, lost: client)
            #expect(second.sid == client.sid)
            _ = try await client.socket.end()
            server.main.to(client.sid).emit("still here")
            #expect(try await second.next() == #"42["still here"]"#)
            #expect(server.notes.all == ["forced close"])
        }
    }

    @Test("a client that the server disconnected cannot recover its session", arguments: [false, true])
    func disconnected(close: Bool) async throws {
        try await TestServer.run(recovery: RecoveryOptions()) { server in
            server.main.on("out") { socket, _ in socket.disconnect(close: close) }
        } test: { server in
            let client = try await RecoveringClient(server)
            client.socket.send(#"2["out"]"#)
            #expect(try await client.socket.next() == "41")
            let back = try await RecoveringClient(server, lost: client)
            #expect(back.pid != client.pid && back.sid != client.sid)
        }
    }

    @Test("a client observes a handler's actions in order, including direct emits through the hub")
    func sequence() async throws {
        try await TestServer.run(recovery: RecoveryOptions()) { server in
            server.main.on("go") { socket, event in
                socket.emit("1")
                socket.namespace.everyone.volatile.emit("unordered")
                socket.join("r")
                event.acknowledgement?([.json(JSONText(integer: 2))])
                socket.emit("3")
            }
        } test: { server in
            let client = try await RecoveringClient(server).socket
            client.send(#"25["go"]"#)
            var packets: [String] = []
            while packets.count < 3 {
                let packet = try await client.next().replacing(#/,"e\.\d+"/#, with: "")
                if packet != #"42["unordered"]"# { packets.append(packet) }
            }
            #expect(packets == [#"42["1"]"#, "435[2]", #"42["3"]"#])
        }
    }
}
