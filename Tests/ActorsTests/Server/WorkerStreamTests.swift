import Testing
import Transport

@testable import Actors

@Suite("Worker: what the stream says counts, not what was asked for", .overDirectLink)
struct WorkerStreamTests {
    static func setUp(_ server: Server) {
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
        let text = Array("42[\"\(name)\"]".utf8)
        let broadcast = Broadcast(
            namespace: namespace, rooms: rooms, exceptions: [], event: EncodedEvent(text: text), isVolatile: false)
        return .broadcast(broadcast, position: 1)
    }

    @Test("CONNECT is answered when the registration comes back, and the socket gets the events from there on")
    func registration() async throws {
        try await PuppetServer.run(setUp: Self.setUp) { server, hub in
            let client = try await server.connect()
            let id = try await hub.nextSocket()
            await hub.tell(Self.event("before"), .registered(id, position: 7), Self.event("after"))
            #expect(try await client.next(2) == ["40{\"sid\":\"\(id)\"}", #"42["after"]"#])
        }
    }

    @Test("the socket's rooms show a join at once; the room's events come from the echo on")
    func join() async throws {
        try await PuppetServer.run(setUp: Self.setUp) { server, hub in
            let (client, id) = try await server.join()
            client.send(#"2["join"]"#)
            try await eventually { hub.batches.last == ["join room"] }
            await hub.tell(Self.event("before", to: "room"), .joined(id, room: "room"), Self.event("after", to: "room"))
            #expect(try await client.next(2) == [#"42["rooms",true]"#, #"42["after"]"#])
        }
    }

    @Test("the room's events come up to the echo of the leave")
    func leave() async throws {
        try await PuppetServer.run(setUp: Self.setUp) { server, hub in
            let (client, id) = try await server.join()
            client.send(#"2["join"]"#)
            try await eventually { hub.batches.last == ["join room"] }
            await hub.tell(.joined(id, room: "room"))
            client.send(#"2["leave"]"#)
            try await eventually { hub.batches.last == ["leave room"] }
            await hub.tell(
                Self.event("before", to: "room"), .left(id, room: "room"), Self.event("after", to: "room"),
                Self.event("end"))
            #expect(try await client.next(3) == [#"42["rooms",true]"#, #"42["before"]"#, #"42["end"]"#])
        }
    }

    @Test("the requests of one turn go over in one batch, in order; the answer waits for the last echo")
    func batch() async throws {
        try await PuppetServer.run(setUp: Self.setUp) { server, hub in
            let (client, id) = try await server.join()
            client.send(#"20["all"]"#)
            try await eventually { hub.batches.count == 2 }
            #expect(hub.batches[1] == ["join a", #"emit 42["x"] as sender"#, "leave a"])
            await hub.tell(.joined(id, room: "a"), .emitted(SessionKey(id: id), credit: 0), Self.event("still"))
            #expect(try await client.next() == #"42["still"]"#)
            await hub.tell(.left(id, room: "a"))
            #expect(try await client.next() == "430[]")
        }
    }

    @Test("events for sockets that are gone, or that nobody knows, change nothing")
    func unknown() async throws {
        try await PuppetServer.run(setUp: Self.setUp) { server, hub in
            let gone = try await server.connect()
            let id = try await hub.nextSocket()
            gone.close()
            try await eventually { hub.batches.last == ["unregister"] }
            for id in [id, SessionID.random()] {
                await hub.tell(
                    .registered(id, position: 0), .joined(id, room: "r"), .left(id, room: "r"),
                    .emitted(SessionKey(id: id), credit: 0),
                    .stored(SessionKey(id: id), .committed(id: 1), credit: 0),
                    .subscribed(id, lastPublished: 1, highest: 1),
                    Self.event("x", to: "r"))
            }
            let (client, _) = try await server.join(1)
            await hub.tell(Self.event("end"))
            #expect(try await client.next() == #"42["end"]"#)
        }
    }

    @Test("a socket is unregistered once, whatever ends it", arguments: ["1", nil])
    func unregisters(packet: String?) async throws {
        try await PuppetServer.run(setUp: Self.setUp) { server, hub in
            let (client, _) = try await server.join()
            if let packet { client.send(packet) }
            client.close()
            try await eventually { await server.server.status.sessions == 0 && hub.batches.count == 2 }
            #expect(hub.batches == [["register in /"], ["unregister"]])
        }
    }
}
