import Testing

@testable import Actors

@Suite("Local audiences: only sockets of one worker", .overEachLink)
struct LocalAudienceTests {
    static func setUp(_ server: TestServer) {
        ClusterTests.setUp(server)
        server.main.on("tell here") { socket, event in
            socket.join("r")
            socket.to("r").local.emit("here")
            event.acknowledgement?()
        }
    }

    @Test("an event reaches the worker's own sockets only")
    func emits() async throws {
        try await TestCluster.run(recovery: nil, setUp: Self.setUp) { cluster in
            let clients = try await cluster.join()
            let main = cluster.servers[0].main
            main.local.emit("here", [.json(JSONText(integer: 1)), .binary([7])])
            #expect(
                try await clients[0].next(2) == [#"451-["here",1,{"_placeholder":true,"num":0}]"#, "binary [7]"])
            main.emit("end")
            for client in clients { #expect(try await client.next() == #"42["end"]"#) }
        }
    }

    @Test("a handler's local event follows its earlier calls, and its acknowledgement follows the event")
    func order() async throws {
        try await TestCluster.run(recovery: nil, setUp: Self.setUp) { cluster in
            let server = cluster.servers[0]
            let (client, other) = (try await server.join(), try await server.join())
            other.send(#"20["join","r"]"#)
            #expect(try await other.next() == "430[]")
            client.send(#"21["tell here"]"#)
            #expect(try await client.next() == "431[]")
            #expect(try await other.next() == #"42["here"]"#)
        }
    }

    @Test(
        "with recovery, an event that ends in a string carries the client's present offset; another event carries none")
    func offsets() async throws {
        try await TestCluster.run(setUp: Self.setUp) { cluster in
            var client = try await RecoveringClient(cluster.servers[0])
            let main = cluster.servers[0].main
            main.emit("one", [.json(JSONText(integer: 1))])
            #expect(try await client.next() == #"42["one",1]"#)
            let offset = client.offset
            main.local.emit("here", [.json(JSONText(integer: 1))])
            #expect(try await client.nextPacket() == #"42["here",1]"#)
            main.local.emit("here", [.json(JSONText(string: "text"))])
            #expect(try await client.next() == #"42["here","text"]"#)
            #expect(client.offset == offset)
        }
    }

    @Test("joins, leaves, disconnects and fetches concern the worker's own sockets only")
    func changes() async throws {
        try await TestCluster.run(recovery: nil, setUp: Self.setUp) { cluster in
            let clients = try await cluster.join()
            let main = cluster.servers[0].main
            main.local.socketsJoin("a", "b")
            main.local.socketsLeave("b")
            try await eventually { try await main.to("a").fetchSockets().count == 1 }
            let own = try await main.local.fetchSockets()
            let ids = await main.sockets.keys.map { $0 }
            #expect(own.map(\.id) == ids && own[0].rooms == ["a", ids[0].description])
            main.to("a").emit("a")
            main.to("b").emit("b")
            #expect(try await clients[0].next() == #"42["a"]"#)
            main.local.disconnectSockets()
            #expect(try await clients[0].next() == "41")
            main.emit("end")
            for client in clients.dropFirst() { #expect(try await client.next() == #"42["end"]"#) }
        }
    }

    @Test("an audience with an empty list of rooms addresses no socket")
    func emptyList() async throws {
        try await TestServer.run(setUp: Self.setUp) { server in
            let client = try await server.join()
            server.main.to([]).emit("never")
            server.main.to([]).local.emit("never")
            server.main.to([]).disconnectSockets()
            server.main.except([]).emit("end")
            #expect(try await client.next() == #"42["end"]"#)
        }
    }
}
