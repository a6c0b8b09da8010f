import Testing
import Transport

@testable import Actors

@Suite("Room changes and queries on one worker", .overEachLink)
struct RoomChangeTests {
    /// Letters for sockets, from A in the order in which they are added.
    private struct Letters {
        private var ids: [String] = []

        mutating func add(_ id: String) { ids.append(id) }

        /// Replaces ids by letters from A.
        func text(_ text: String) -> String {
            zip(ids, "ABC").reduce(text) { $0.replacing($1.0, with: "\($1.1)") }
        }
    }

    private static func words(_ change: RoomChange) -> String {
        switch change {
        case .created(let room): "create \(room)"
        case .deleted(let room): "delete \(room)"
        case .joined(let room, let id): "\(id) join \(room)"
        case .left(let room, let id): "\(id) leave \(room)"
        }
    }

    private static func setUp(_ server: TestServer) {
        let main = server.main
        main.onRoomChange { server.notes.add(words($0)) }
        main.onConnection { _ in server.notes.add("connected") }
        main.onDisconnect { _, _ in server.notes.add("disconnected") }
        main.on("join") { (socket, room: String) in socket.join(room) }
        main.on("leave") { (socket, room: String) in socket.leave(room) }
    }

    private func call(_ client: TestClient, _ event: String, _ room: String) async throws {
        client.send(#"20["\#(event)","\#(room)"]"#)
        try #require(try await client.next() == "430[]")
    }

    @Test("joining, leaving and disconnecting are reported in Node's order")
    func order() async throws {
        try await TestServer.run(setUp: Self.setUp) { server in
            var letters = Letters()
            let (a, b) = (try await server.connect(), try await server.connect())
            letters.add(try await a.join())
            letters.add(try await b.join())
            for client in [a, b] { for room in ["r", "r"] { try await call(client, "join", room) } }
            try await call(b, "join", "s")
            try await call(a, "leave", "r")
            try await call(a, "leave", "r")
            b.close()
            try await eventually { server.notes.all.last == "disconnected" }
            #expect(
                server.notes.all.map(letters.text) == [
                    "create A", "A join A", "connected", "create B", "B join B", "connected",
                    "create r", "A join r", "B join r", "create s", "B join s", "A leave r",
                    "B leave B", "delete B", "B leave r", "delete r", "B leave s", "delete s", "disconnected",
                ])
        }
    }

    @Test("changes that another worker causes are reported at the worker of the sockets only")
    func otherWorker() async throws {
        try await TestCluster.run(2, recovery: nil, setUp: Self.setUp) { cluster in
            var letters = Letters()
            let client = try await cluster.servers[0].connect()
            letters.add(try await client.join())
            let other = cluster.servers[1].main
            other.socketsJoin("r", "s")
            other.socketsLeave("r")
            other.emit("done")
            #expect(try await client.next() == #"42["done"]"#)
            other.disconnectSockets()
            #expect(try await client.next() == "41")
            #expect(
                cluster.servers[0].notes.all.map(letters.text) == [
                    "create A", "A join A", "connected", "create r", "A join r", "create s", "A join s",
                    "A leave r", "delete r", "A leave A", "delete A", "A leave s", "delete s", "disconnected",
                ])
            #expect(cluster.servers[1].notes.all.isEmpty)
        }
    }

    @Test("a lost client's rooms are left, and joined again by the resumed session")
    func recovery() async throws {
        try await TestServer.run(recovery: RecoveryOptions(), setUp: Self.setUp) { server in
            var letters = Letters()
            var client = try await RecoveringClient(server)
            letters.add(client.sid)
            try await call(client.socket, "join", "r")
            server.main.emit("x", [.json(JSONText(integer: 1))])
            #expect(try await client.next() == #"42["x",1]"#)
            client.socket.reset()
            try await eventually { server.notes.all.last == "disconnected" }
            #expect(await server.main.rooms.isEmpty)
            let back = try await RecoveringClient(server, lost: client)
            #expect(back.sid == client.sid)
            let joined = ["create A", "A join A"]
            let left = ["A leave A", "delete A", "A leave r", "delete r", "disconnected"]
            #expect(
                server.notes.all.map(letters.text)
                    == joined + ["connected", "create r", "A join r"] + left
                    + joined + ["create r", "A join r", "connected"])
            #expect(await server.main.rooms(of: try #require(SessionID(back.sid))) == ["r", back.sid])
        }
    }

    @Test("handlers may use the server and change rooms; a removed handler is not called")
    func reentrant() async throws {
        try await TestServer.run { server in
            let main = server.main
            let token = main.onRoomChange { _ in server.notes.add("removed") }
            main.offRoomChange(token)
            main.onRoomChange { change in
                guard case .joined("r", let id) = change else { return }
                main.to(id.description).socketsJoin("second")
                main.to("r").emit("joined")
                main.local.disconnectSockets()
            }
            main.on("join") { (socket, room: String) in socket.join(room) }
        } test: { server in
            let client = try await server.join()
            client.send(#"2["join","r"]"#)
            #expect(try await client.next() == "41")
            #expect(server.notes.all.isEmpty)
            #expect(await server.main.rooms.isEmpty)
        }
    }

    @Test("the rooms, their members and the rooms of a socket can be read")
    func queries() async throws {
        try await TestServer.run(setUp: Self.setUp) { server in
            let (a, b) = (try await server.connect(), try await server.connect())
            let ids = [try #require(SessionID(try await a.join())), try #require(SessionID(try await b.join()))]
            for client in [a, b] { try await call(client, "join", "r") }
            try await call(b, "join", "s")
            let own = ids.map(\.description)
            #expect(
                await server.main.rooms
                    == ["r": Set(ids), "s": [ids[1]], own[0]: [ids[0]], own[1]: [ids[1]]])
            #expect(await server.main.rooms(of: ids[1]) == ["r", "s", own[1]])
            #expect(await server.main.rooms(of: try #require(SessionID(String(repeating: "x", count: 20)))) == nil)
            #expect(await Set(server.main.sockets(in: "s", own[0]).keys) == Set(ids))
            #expect(await server.main.sockets(in: "s").keys.first == ids[1])
            #expect(await server.main.sockets(in: []).isEmpty)
            #expect(await server.server.of("/empty").rooms.isEmpty)
        }
    }
}
