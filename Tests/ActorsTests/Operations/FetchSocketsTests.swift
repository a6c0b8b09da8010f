import Testing
import Transport

@testable import Actors

@Suite("Fetching the sockets of every worker", .overEachLink)
struct FetchSocketsTests {
    static func setUp(_ server: TestServer) {
        ClusterTests.setUp(server)
        server.main.onConnection { socket in
            if let name = socket.handshake.auth?["name"] { socket.setData(name) }
        }
        server.main.on("join and fetch") { socket, event in
            socket.join(event.texts[0])
            socket.to(event.texts[0]).socketsJoin("new")
            let sockets = try await socket.namespace.to("new", event.texts[0]).fetchSockets()
            let others = try await socket.to("new").fetchSockets()
            event.acknowledgement?([.json(JSONText(integer: sockets.count)), .json(JSONText(integer: others.count))])
        }
    }

    @Test("the answer has each connected socket with its rooms and data, in the order of the ids")
    func fetches() async throws {
        try await TestCluster.run(recovery: nil, setUp: Self.setUp) { cluster in
            var ids: [String] = []
            for (index, server) in cluster.servers.enumerated() {
                let client = try await server.connect()
                ids.append(try await client.join(auth: #"{"name":"\#(index)"}"#))
                client.send(#"20["join","r \#(index)","s"]"#)
                #expect(try await client.next() == "430[]")
            }
            for server in cluster.servers {
                let sockets = try await server.main.fetchSockets()
                #expect(sockets.map(\.id.description) == ids.sorted())
                for socket in sockets {
                    let index = try #require(ids.firstIndex(of: socket.id.description))
                    #expect(socket.rooms == ["r \(index)", "s", ids[index]])
                    #expect(socket.data == JSONText(string: "\(index)"))
                }
                #expect(try await server.main.allSockets() == Set(sockets.map(\.id)))
                let some = try await server.main.to(ids[1], "r 2").to("r 0").except("r 0").fetchSockets()
                #expect(some.map(\.id.description) == [ids[1], ids[2]].sorted())
                #expect(try await server.main.to([]).fetchSockets().isEmpty)
                #expect(try await server.server.of("/other").fetchSockets().isEmpty)
            }
        }
    }

    @Test("a handler fetches the effects of its own earlier calls")
    func ownCalls() async throws {
        try await TestCluster.run(setUp: Self.setUp) { cluster in
            let clients = try await cluster.join()
            clients[1].send(#"20["join","r"]"#)
            #expect(try await clients[1].next() == "430[]")
            clients[0].send(#"20["join and fetch","r"]"#)
            #expect(try await clients[0].next() == "430[2,1]")
        }
    }

    @Test("a fetched socket can be emitted to, changed and disconnected from any worker")
    func remote() async throws {
        try await TestCluster.run(recovery: nil, setUp: Self.setUp) { cluster in
            let client = try await cluster.servers[0].connect()
            let id = try await client.join()
            let main = cluster.servers[1].main
            let remote = try #require(try await main.fetchSockets().first)
            remote.emit("hello", [.json(JSONText(integer: 1))])
            remote.join("a", "b")
            main.to("b").emit("in b")
            remote.leave(["a"])
            main.to("a").emit("never")
            let again = try #require(try await main.to("b").fetchSockets().first)
            #expect(again.rooms == ["b", id])
            again.disconnect()
            #expect(try await client.next(3) == [#"42["hello",1]"#, #"42["in b"]"#, "41"])
            try await eventually { try await main.fetchSockets().isEmpty }
            again.emit("nobody")
        }
    }

    @Test("lost clients are not fetched, and recovered ones are")
    func lost() async throws {
        try await TestCluster.run(setUp: Self.setUp) { cluster in
            let client = try await RecoveringClient(cluster.servers[0])
            client.socket.reset()
            try await eventually { await cluster.host.hub.status.lostSessions == 1 }
            #expect(try await cluster.servers[1].main.fetchSockets().isEmpty)
            let back = try await RecoveringClient(cluster.servers[2], lost: client)
            #expect(try await cluster.servers[1].main.fetchSockets().map(\.id.description) == [back.sid])
        }
    }

    @Test("an answer above the limit is refused, and smaller selections still work")
    func tooLarge() async throws {
        try await TestCluster.run { server in
            server.main.onConnection { socket in
                socket.setData(JSONText(string: String(repeating: "x", count: 1 << 20)))
            }
        } test: { cluster in
            for _ in 0..<3 { _ = try await cluster.servers[0].join() }
            #expect(try await cluster.servers[1].main.fetchSockets().count == 3)
            _ = try await cluster.servers[2].join()
            await #expect(throws: FetchError.tooLarge(count: 4)) { try await cluster.servers[1].main.fetchSockets() }
            let some = await cluster.servers[0].main.sockets.keys.map(\.description)
            #expect(try await cluster.servers[1].main.to(some).fetchSockets().count == 3)
        }
    }

    @Test("the hub tells the number of attached workers")
    func workerCount() async throws {
        try await TestCluster.run { cluster in
            #expect(try await cluster.servers[1].server.workerCount() == 3)
            guard TestLink.current == .pipes else { return }
            await cluster.servers[0].kill()
            await cluster.servers[0].endLink()
            try await eventually { try await cluster.servers[1].server.workerCount() == 2 }
        }
        await #expect(throws: FetchError.closed) { try await SocketServer().workerCount() }
    }

    @Test("a namespace lists the sockets of its own worker, by id")
    func ownSockets() async throws {
        try await TestCluster.run(recovery: nil, setUp: Self.setUp) { cluster in
            let client = try await cluster.servers[0].connect()
            let id = try #require(SessionID(try await client.join()))
            _ = try await cluster.servers[1].join()
            let (own, other) = (cluster.servers[0].main, cluster.servers[1].main)
            #expect(await own.sockets.keys.map { $0 } == [id])
            let socket = try #require(await own.socket(id))
            #expect(socket.id == id)
            #expect(await other.socket(id) == nil)
            #expect(await cluster.servers[0].server.of("/other").socket(id) == nil)
            client.send("1")
            try await eventually { await own.sockets.isEmpty }
            #expect(await own.socket(id) == nil)
        }
    }
}
