import Testing

@testable import Actors

@Suite("Broadcasts from a socket to other sockets", .overEachLink)
struct BroadcastTests {
    static func setUp(_ server: TestServer) {
        server.main.onConnection { socket in socket.join("room") }
        server.main.on("broadcast") { socket, event in socket.broadcast.emit("x", event.arguments) }
        server.main.on("to room") { socket, event in socket.to("room").emit("x", event.arguments) }
        server.main.on("to self") { socket, event in
            socket.to(socket.id.description, "room").emit("x", event.arguments)
        }
        server.main.on("end") { _, _ in server.main.emit("end") }
    }

    @Test("every socket except the sender receives a broadcast", arguments: ["broadcast", "to room", "to self"])
    func others(event: String) async throws {
        try await TestServer.run(setUp: Self.setUp) { server in
            let clients = [try await server.join(), try await server.join(), try await server.join()]
            clients[0].send([#"2["\#(event)",{"a":1},"b"]"#, #"2["end"]"#])
            #expect(try await clients[0].next() == #"42["end"]"#)
            for client in clients.dropFirst() {
                #expect(try await client.next(2) == [#"42["x",{"a":1},"b"]"#, #"42["end"]"#])
            }
        }
    }

    @Test("a broadcast carries binary arguments")
    func binary() async throws {
        try await TestServer.run(setUp: Self.setUp) { server in
            let (client, other) = (try await server.join(), try await server.join())
            client.send(#"52-["broadcast",{"_placeholder":true,"num":0},{"deep":{"_placeholder":true,"num":1}}]"#)
            client.send(binary: [1])
            client.send(binary: [2, 3])
            #expect(
                try await other.next(3) == [
                    #"452-["x",{"_placeholder":true,"num":0},{"deep":{"_placeholder":true,"num":1}}]"#, "binary [1]",
                    "binary [2, 3]",
                ])
        }
    }

    @Test("all recipients receive the events of two senders in the same order")
    func oneOrder() async throws {
        try await TestServer.run { server in
            server.main.on("say") { socket, event in server.main.emit("said", event.arguments) }
        } test: { server in
            let clients = [try await server.join(), try await server.join(), try await server.join()]
            for number in 0..<100 { clients[number % 2].send(#"2["say",\#(number)]"#) }
            let received = try await clients[2].next(100)
            #expect(Set(received).count == 100)
            #expect(try await clients[0].next(100) == received)
            #expect(try await clients[1].next(100) == received)
        }
    }

    @Test("events emitted outside the loop arrive in the order of the calls")
    func callOrder() async throws {
        try await TestServer.run { server in
            server.main.onConnection { socket in socket.join("room") }
        } test: { server in
            let client = try await server.join()
            for number in 0..<200 {
                let audience = number.isMultiple(of: 2) ? server.main.everyone : server.main.to("room")
                audience.emit("x", [.json(JSONText(integer: number))])
            }
            #expect(try await client.next(200) == (0..<200).map { #"42["x",\#($0)]"# })
        }
    }

    @Test("a closed socket can still broadcast, but receives and joins nothing", arguments: ["1", nil])
    func farewell(packet: String?) async throws {
        try await TestServer.run { server in
            server.main.onConnection { socket in socket.join("room") }
            server.main.onDisconnect { socket, reason in
                socket.emit("never")
                socket.join("never")
                socket.broadcast.emit("user left", [.json(JSONText(string: reason.rawValue))])
                socket.to("room").emit("left the room")
            }
        } test: { server in
            let (client, other) = (try await server.join(), try await server.join())
            if let packet { client.send(packet) } else { client.close() }
            let reason = packet == nil ? "transport close" : "client namespace disconnect"
            #expect(try await other.next(2) == [#"42["user left","\#(reason)"]"#, #"42["left the room"]"#])
        }
    }

    @Test("a socket's rooms reflect joins immediately and remain readable after it disconnects")
    func rooms() async throws {
        try await TestServer.run { server in
            server.main.onConnection { socket in
                let own = socket.id.description
                socket.join("a")
                server.notes.add(names(socket.rooms, own))
                socket.join("b")
                socket.join("b")
                socket.leave("a")
                socket.leave("never")
                server.notes.add(names(socket.rooms, own))
            }
            server.main.onDisconnect { socket, _ in
                server.notes.add(names(socket.rooms, socket.id.description))
                server.notes.add("\(socket.isConnected)")
            }
        } test: { server in
            let client = try await server.join()
            client.send("1")
            try await eventually { server.notes.all == ["a own", "b own", "b own", "false"] }
        }
    }
}

/// The sorted room names, with `own` for the room named after the socket.
private func names(_ rooms: Set<String>, _ id: String) -> String {
    rooms.map { $0 == id ? "own" : $0 }.sorted().joined(separator: " ")
}
