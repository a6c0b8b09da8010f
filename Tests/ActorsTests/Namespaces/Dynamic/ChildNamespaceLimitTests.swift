import Testing

@testable import Actors
@testable import Cluster

@Suite("Dynamic namespaces: limit and removal", .overEachLink)
struct ChildNamespaceLimitTests {
    private static func allowAll(_ server: TestServer) {
        let parent = server.server.of(matching: /\/.+/)
        parent.use { socket in
            if socket.handshake.auth?["refuse"] != nil { throw ConnectError("no") }
        }
        parent.onConnection { socket in if !socket.isRecovered { socket.emit("welcome") } }
        server.server.onNewNamespace { server.notes.add($0.name) }
    }

    private func joined(_ client: TestClient, _ namespace: String) async throws {
        try await client.join(namespace)
        #expect(try await client.next() == #"42\#(namespace),["welcome"]"#)
    }

    @Test("a client that asks for a namespace beyond the limit is refused and reported; existing ones can be joined")
    func limit() async throws {
        try await TestServer.run(ServerOptions(maxChildNamespaces: 2), setUp: Self.allowAll) { server in
            let client = try await server.connect()
            for namespace in ["/a", "/b"] { try await joined(client, namespace) }
            client.send("0/c,")
            #expect(try await client.next() == #"44/c,{"message":"too many namespaces"}"#)
            #expect(server.reports.all == ["more than 2 namespaces"])
            try await joined(try await server.connect(), "/a")
            // The application is not limited.
            try await joined(client, server.server.of("/d").name)
            #expect(server.notes.all == ["/a", "/b", "/d"])
        }
    }

    @Test("a client with many open decisions is not read, and all its CONNECTs are answered in the end")
    func openDecisions() async throws {
        let gate = Gate()
        try await TestServer.run { server in
            _ = server.server.of { _, _ async in
                await gate.pass()
                return true
            }
        } test: { server in
            let client = try await server.connect()
            let name = "/" + String(repeating: "x", count: 200)
            client.send((0..<5000).map { "0\(name)\($0)," })
            try await eventually { gate.count > 16 }
            await TestMachine.current.wait(.seconds(5))
            #expect(gate.count < 2500)
            gate.open()
            for packet in try await client.next(5000) { #expect(packet.hasPrefix("40\(name)")) }
        }
    }

    @Test("rejected clients do not use up the limit, but a namespace that the application made stays")
    func rejected() async throws {
        try await TestServer.run(ServerOptions(maxChildNamespaces: 2), setUp: Self.allowAll) { server in
            let explicit = server.server.of("/explicit")
            let client = try await server.connect()
            for number in 0..<10 {
                for namespace in ["/\(number)", "/explicit"] {
                    client.send(#"0\#(namespace),{"refuse":1}"#)
                    #expect(try await client.next() == #"44\#(namespace),{"message":"no"}"#)
                }
            }
            try await joined(client, "/last")
            #expect(server.server.of("/explicit") === explicit)
            #expect(server.reports.all.isEmpty)
        }
    }

    @Test("by default a namespace stays when its last client leaves", arguments: [false, true])
    func removal(removes: Bool) async throws {
        try await TestServer.run(
            ServerOptions(maxChildNamespaces: 1, removesEmptyNamespaces: removes), setUp: Self.allowAll
        ) { server in
            let clients = [try await server.connect(), try await server.connect()]
            for client in clients { try await joined(client, "/a") }
            clients[0].send("1/a,")
            try await eventually { await server.server.status.sockets == 1 }
            clients[0].send("0/b,")
            #expect(try await clients[0].next() == #"44/b,{"message":"too many namespaces"}"#)
            clients[1].close()
            try await eventually { await server.server.status.sockets == 0 }
            try await joined(clients[0], "/a")
            #expect(server.notes.all == (removes ? ["/a", "/a"] : ["/a"]))
            #expect(await server.server.of("/a").rooms.count == 1)
        }
    }

    @Test("a lost client resumes its session in a namespace that was removed meanwhile, with the missed events")
    func recovery() async throws {
        try await TestServer.run(
            ServerOptions(removesEmptyNamespaces: true), recovery: RecoveryOptions()
        ) { server in
            Self.allowAll(server)
        } test: { server in
            let parent = try #require(server.server.namespaces.parents(ofName: "/a").first)
            let client = try await server.connect()
            client.send("0/a,")
            let reply = try JSONText(validating: Array(try await client.next().utf8.dropFirst(5)))
            let welcome = try JSONText(validating: Array(try await client.next().utf8.dropFirst(5)))
            client.reset()
            try await eventually { await server.hub.status.lostSessions == 1 }
            #expect(server.server.namespaces["/a"] == nil)
            parent.emit("missed")
            let back = try await server.connect()
            let offset = try #require(welcome.elements?.last)
            back.send("0/a," + JSONText(object: [("pid", try #require(reply["pid"])), ("offset", offset)]).description)
            #expect(try await back.next().contains(try #require(reply["sid"]?.string)))
            #expect(try await back.next().hasPrefix(#"42/a,["missed""#))
            #expect(server.notes.all == ["/a", "/a"])
        }
    }

    @Test("a client that is lost during its claim does not keep the namespace")
    func lostDuringClaim() async throws {
        try await TestServer.run(
            ServerOptions(removesEmptyNamespaces: true), recovery: RecoveryOptions(), setUp: Self.allowAll
        ) { server in
            for _ in 0..<20 {
                let client = try await server.connect()
                client.send(#"0/a,{"pid":"unknown","offset":"x"}"#)
                client.close()
            }
            try await eventually { await server.server.clientsCount == 0 }
            #expect(server.server.namespaces["/a"] == nil)
        }
    }
}
