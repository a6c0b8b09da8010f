import Testing

@testable import Actors

@Suite("Connecting to namespaces", .overEachLink)
struct ConnectTests {
    @Test("the reply to CONNECT arrives before the events that the connection handler emits")
    func replyFirst() async throws {
        try await TestServer.run { server in
            server.main.onConnection { socket in
                socket.emit("first", [.json(JSONText(string: socket.id.description))])
                socket.emit("second")
            }
        } test: { server in
            let client = try await server.connect()
            client.send("0")
            let reply = try await client.next()
            let sid = try #require(reply.split(separator: "\"").dropFirst(3).first)
            #expect(reply == "40{\"sid\":\"\(sid)\"}")
            #expect(sid.utf8.count == 20)
            #expect(try await client.next(2) == ["42[\"first\",\"\(sid)\"]", #"42["second"]"#])
        }
    }

    @Test("the connection handler runs before events that arrived together with CONNECT")
    func eventsBehind() async throws {
        try await TestServer.run { server in
            server.main.onConnection { socket in socket.emit("welcome") }
            server.main.on("hello") { socket, _ in socket.emit("hello back") }
        } test: { server in
            let client = try await server.connect()
            client.send(["0", #"2["hello"]"#])
            #expect(try await client.next(3).suffix(2) == [#"42["welcome"]"#, #"42["hello back"]"#])
        }
    }

    @Test(
        "the handshake contains the client's auth unchanged, its address and its request",
        arguments: ["", #"{"token":"1","n":[2]}"#])
    func auth(auth: String) async throws {
        try await TestServer.run { server in
            server.main.onConnection { socket in
                server.notes.add(socket.handshake.auth?.description ?? "")
                server.notes.add(socket.handshake.address)
                server.notes.add(socket.handshake.request.queryParameters["transport"] ?? "")
            }
        } test: { server in
            _ = try await server.join(auth: auth)
            try await eventually { server.notes.all == [auth, "127.0.0.1", "websocket"] }
        }
    }

    @Test(
        "CONNECT to an unknown namespace is rejected, and the connection stays open",
        arguments: ["/random", "/__proto__", "/constructor", "/toString"])
    func unknown(namespace: String) async throws {
        try await TestServer.run { server in
            _ = server.main
        } test: { server in
            let client = try await server.connect()
            client.send("0\(namespace),")
            #expect(try await client.next() == "44\(namespace),{\"message\":\"Invalid namespace\"}")
            try await client.join()
        }
    }

    @Test("a client can join several namespaces over one connection, each with its own handlers")
    func several() async throws {
        try await TestServer.run { server in
            for name in ["/", "/one", "/two"] {
                server.server.of(name).on("where") { socket, event in
                    socket.emit("here", [.json(JSONText(string: name))])
                }
            }
        } test: { server in
            let client = try await server.connect()
            let ids = [try await client.join(), try await client.join("/one"), try await client.join("/two")]
            #expect(Set(ids).count == 3)
            client.send([#"2/two,["where"]"#, #"2["where"]"#, #"2/one,["where"]"#])
            #expect(
                try await client.next(3)
                    == [#"42/two,["here","/two"]"#, #"42["here","/"]"#, #"42/one,["here","/one"]"#])
        }
    }

    @Test("a client that leaves a namespace stays in the others, and a new CONNECT creates a new socket")
    func leaves() async throws {
        try await TestServer.run { server in
            for name in ["/", "/one"] { server.server.of(name).on("ping") { socket, _ in socket.emit("pong") } }
        } test: { server in
            let client = try await server.connect()
            try await client.join()
            let first = try await client.join("/one")
            client.send(["1/one,", #"2["ping"]"#])
            #expect(try await client.next() == #"42["pong"]"#)
            #expect(try await client.join("/one") != first)
            client.send(#"2/one,["ping"]"#)
            #expect(try await client.next() == #"42/one,["pong"]"#)
        }
    }

    @Test(
        "unusual event names work like other names",
        arguments: ["error", "", "__proto__", "constructor", "toString", "hasOwnProperty"])
    func oddNames(name: String) async throws {
        try await TestServer.run { server in
            server.main.on(name) { socket, event in socket.emit(event.name, event.arguments) }
        } test: { server in
            let client = try await server.join()
            client.send(["2[\"nobody handles this\"]", "2[\"\(name)\",1]"])
            #expect(try await client.next() == "42[\"\(name)\",1]")
        }
    }
}
