import Testing
import Transport

@testable import Actors

@Suite("Connections: packets that are and are not allowed", .overEachLink)
struct ConnectionRuleTests {
    @Test(
        "an invalid or unexpected packet closes its connection only",
        arguments: [
            [#"42["event"]"#], [#"4212["event"]"#], ["430[]"], ["41"], ["41/main,"],
            ["40", "40"], ["40/main,", "40/main,"], ["40", #"42/main,["event"]"#], ["40", "43/main,0[]"],
            ["44"], [#"44{"message":"no"}"#], ["4abc"], ["4"], ["40[]"], ["40", "42{}"], ["40", #"42["connect"]"#],
            ["40", #"450-["x"]"#, #"451-["x",{"_placeholder":true,"num":0}]"#, #"42["text while binary is due"]"#],
        ])
    func refused(packets: [String]) async throws {
        try await TestServer.run { server in
            _ = server.server.of("/main")
            server.main.on("echo") { socket, _ in socket.emit("echo") }
        } test: { server in
            let (witness, client) = (try await server.join(), try await server.connect())
            for packet in packets { client.send(packet: packet) }
            #expect(try await client.end() == 1000)
            #expect(await server.server.status.parseErrors == 1)
            witness.send(#"2["echo"]"#)
            #expect(try await witness.next() == #"42["echo"]"#)
        }
    }

    @Test("a client that joins more namespaces than it may is disconnected")
    func namespaces() async throws {
        try await TestServer.run(ServerOptions(maxNamespaces: 2)) { server in
            for name in ["/a", "/b", "/c"] { _ = server.server.of(name) }
        } test: { server in
            let client = try await server.join()
            for name in ["/a", "/b"] {
                client.send(packet: "40\(name),")
                #expect(try await client.next().hasPrefix("40\(name),{"))
            }
            client.send(packet: "40/c,")
            #expect(try await client.end() == 1000)
            #expect(await server.server.status.namespaceRefusals == 1)
        }
    }

    @Test("a socket in as many rooms as it may be joins no other one, and everything else goes on")
    func rooms() async throws {
        try await TestServer.run(ServerOptions(maxRooms: 2)) { server in
            server.main.on("join") { (socket, rooms: [String]) in
                socket.join(rooms)
                return socket.rooms.subtracting([socket.id.description]).sorted()
            }
            server.main.on("leave") { (socket, room: String) in socket.leave(room) }
            server.main.on("own") { (socket: isolated Socket, room: String) in
                socket.joinWithoutLimit(room)
                return socket.rooms.count
            }
        } test: { server in
            let client = try await server.join()
            client.send(packet: #"421["join",["a","b","c","d","a"]]"#)
            #expect(try await client.next() == #"431[["a","b"]]"#)
            #expect(await server.server.status.roomRefusals == 2)
            #expect(server.reports.all == ["more than 2 rooms", "more than 2 rooms"])
            // A socket that leaves a room may join another one.
            client.send(packet: #"42["leave","a"]"#)
            client.send(packet: #"422["join",["c"]]"#)
            #expect(try await client.next() == #"432[["b","c"]]"#)
            #expect(await server.server.status.roomRefusals == 2)
            #expect(await server.server.workerSamples.number(.refusals, "rooms") == 2)
            // The server's own rooms do not depend on what a client has joined.
            client.send(packet: #"423["own","e"]"#)
            #expect(try await client.next() == "433[4]")
        }
    }

    @Test("packets before an invalid one are handled, packets after it are not")
    func around() async throws {
        try await TestServer.run { server in
            server.main.on("note") { _, event in
                server.notes.add(String(decoding: event.arguments.slice, as: UTF8.self))
            }
        } test: { server in
            let client = try await server.join()
            client.send([#"2["note",1]"#, "abc", #"2["note",2]"#])
            #expect(try await client.end() == 1000)
            #expect(server.notes.all == ["1"])
        }
    }

    @Test("events in flight to a namespace that the server disconnected are dropped, and the connection stays open")
    func inFlight() async throws {
        try await TestServer.run { server in
            server.main.onConnection { socket in
                if socket.handshake.auth == nil { socket.disconnect() }
            }
            server.main.on("event") { socket, event in
                server.notes.add("event")
                event.acknowledgement?()
            }
        } test: { server in
            let client = try await server.connect()
            client.send(["0", #"2["event"]"#])
            #expect(try await client.next().hasPrefix(#"40{"sid""#))
            #expect(try await client.next() == "41")
            // Packets that a client may send before it has read the disconnect.
            client.send([#"2["event"]"#, #"20["event"]"#, "30[]", #"51-["event",{"_placeholder":true,"num":0}]"#])
            client.send(binary: [1])
            client.send("1")
            try await client.join(auth: "{}")
            client.send(#"27["event"]"#)
            #expect(try await client.next() == "437[]")
            #expect(server.notes.all == ["event"])
        }
    }

    @Test("a client that joins no namespace in time is disconnected, even after a rejected CONNECT")
    func connectTimeout() async throws {
        try await TestServer.run(ServerOptions(connectTimeout: .milliseconds(50))) { server in
            _ = server.main
        } test: { server in
            let silent = try await server.connect()
            let refused = try await server.connect(TestClient.Options(packets: ["40/nowhere,"]))
            #expect(try await refused.next().hasPrefix("44/nowhere,"))
            #expect(try await silent.end() == 1000)
            #expect(try await refused.end() == 1000)
        }
    }

    @Test("a client that joined in time stays connected")
    func joinedInTime() async throws {
        try await TestServer.run(ServerOptions(connectTimeout: .milliseconds(300))) { server in
            server.main.on("echo") { socket, _ in socket.emit("echo") }
        } test: { server in
            let client = try await server.connect(TestClient.Options(packets: ["40"]))
            #expect(try await client.next().hasPrefix(#"40{"sid""#))
            // When the server disconnects another client that joined nothing, this client's timeout has passed too.
            #expect(try await server.connect().end() == 1000)
            client.send(#"2["echo"]"#)
            #expect(try await client.next() == #"42["echo"]"#)
        }
    }

    @Test("each error describes its cause")
    func descriptions() {
        let errors: [ConnectionError] = [.notConnected("/a"), .alreadyConnected("/a"), .tooManyNamespaces(limit: 7)]
        #expect(
            errors.map(\.description) == [
                #"a packet for "/a", which the client has not joined"#, #"a second CONNECT to "/a""#,
                "more than 7 namespaces on one connection",
            ])
    }
}
