import Testing
import Transport

@testable import Actors

@Suite("Worker: the hub's stream, not the request, changes the state", .overDirectLink)
struct WorkerStreamTests {
    static func setUp(_ server: SocketServer) {
        let main = server.of("/")
        main.on("join") { socket, _ in
            socket.join("room")
            socket.emit("rooms", [.json(JSONText(bool: socket.rooms.contains("room")))])
        }
        main.on("leave") { socket, _ in socket.leave("room") }
        main.on("all") { socket, event in
            socket.join("a")
            socket.broadcast.emit("x")
            socket.leave("a")
            event.acknowledgement?()
        }
    }

    static func event(_ name: String, to rooms: String..., in namespace: String = "/") -> HubEvent {
        .broadcast(broadcast(name, to: rooms, in: namespace), position: 1)
    }

    static func broadcast(_ name: String, to rooms: [String] = [], in namespace: String = "/") -> Broadcast {
        let text = Array("42[\"\(name)\"]".utf8)
        return Broadcast(
            namespace: namespace, rooms: rooms, exceptions: [], event: EncodedEvent(text: text), isVolatile: false)
    }

    @Test("the echo of the registration answers CONNECT, and the socket receives the events after it")
    func registration() async throws {
        try await ScriptedServer.run(setUp: Self.setUp) { server, hub in
            let client = try await server.connect()
            let id = try await hub.nextSocket()
            await hub.send(Self.event("before"), .registered(id, position: 7), Self.event("after"))
            #expect(try await client.next(2) == ["40{\"sid\":\"\(id)\"}", #"42["after"]"#])
        }
    }

    @Test("a join changes the socket's rooms immediately, but room events arrive only after its echo")
    func join() async throws {
        try await ScriptedServer.run(setUp: Self.setUp) { server, hub in
            let (client, id) = try await server.join()
            client.send(#"2["join"]"#)
            try await eventually { hub.batches.last == ["join room"] }
            await hub.send(Self.event("before", to: "room"), .joined(id, room: "room"), Self.event("after", to: "room"))
            #expect(try await client.next(2) == [#"42["rooms",true]"#, #"42["after"]"#])
        }
    }

    @Test("room events arrive until the echo of the leave")
    func leave() async throws {
        try await ScriptedServer.run(setUp: Self.setUp) { server, hub in
            let (client, id) = try await server.join()
            client.send(#"2["join"]"#)
            try await eventually { hub.batches.last == ["join room"] }
            await hub.send(.joined(id, room: "room"))
            client.send(#"2["leave"]"#)
            try await eventually { hub.batches.last == ["leave room"] }
            await hub.send(
                Self.event("before", to: "room"), .left(id, room: "room"), Self.event("after", to: "room"),
                Self.event("end"))
            #expect(try await client.next(3) == [#"42["rooms",true]"#, #"42["before"]"#, #"42["end"]"#])
        }
    }

    @Test("the requests of one turn form one batch in order, and the acknowledgement waits for the last echo")
    func batch() async throws {
        try await ScriptedServer.run(setUp: Self.setUp) { server, hub in
            let (client, id) = try await server.join()
            client.send(#"20["all"]"#)
            try await eventually { hub.batches.count == 2 }
            #expect(hub.batches[1] == ["join a", #"emit 42["x"] as sender"#, "leave a"])
            await hub.send(.joined(id, room: "a"), .emitted(SessionKey(id: id), credit: 0), Self.event("still"))
            #expect(try await client.next() == #"42["still"]"#)
            await hub.send(.left(id, room: "a"))
            #expect(try await client.next() == "430[]")
        }
    }

    @Test("events for closed or unknown sockets have no effect")
    func unknown() async throws {
        try await ScriptedServer.run(setUp: Self.setUp) { server, hub in
            let gone = try await server.connect()
            let id = try await hub.nextSocket()
            gone.close()
            try await eventually { hub.batches.last == ["unregister"] }
            for id in [id, SessionID.random()] {
                await hub.send(
                    .registered(id, position: 0), .joined(id, room: "r"), .left(id, room: "r"),
                    .emitted(SessionKey(id: id), credit: 0),
                    .stored(SessionKey(id: id), .committed(id: 1), credit: 0),
                    .subscribed(id, lastPublished: 1, highest: 1),
                    Self.event("x", to: "r"))
            }
            let (client, _) = try await server.join(1)
            await hub.send(Self.event("end"))
            #expect(try await client.next() == #"42["end"]"#)
        }
    }

    @Test("a socket is unregistered once, after a disconnect packet or a closed connection", arguments: ["1", nil])
    func unregisters(packet: String?) async throws {
        try await ScriptedServer.run(setUp: Self.setUp) { server, hub in
            let (client, _) = try await server.join()
            if let packet { client.send(packet) }
            client.close()
            try await eventually { await server.server.status.sessions == 0 && hub.batches.count == 2 }
            #expect(hub.batches == [["register in /"], ["unregister"]])
        }
    }
}
