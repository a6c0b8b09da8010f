import Testing

@testable import Actors

@Suite("Dynamic namespaces: clients create the children of a parent", .overEachLink)
struct DynamicNamespaceTests {
    private func refusal(_ namespace: String, _ message: String = "Invalid namespace") -> String {
        #"44\#(namespace),{"message":"\#(message)"}"#
    }

    @Test("a whole name that matches the pattern becomes a namespace; other names are refused")
    func pattern() async throws {
        try await TestServer.run { server in
            let orders = server.server.of(matching: /\/orders-\d+/)
            orders.on("name") { (socket: isolated Socket) in socket.namespace.name }
        } test: { server in
            let client = try await server.connect()
            for namespace in ["/orders-", "/orders-1x", "/my/orders-1", "/orders"] {
                client.send("0\(namespace),")
                #expect(try await client.next() == refusal(namespace))
            }
            for namespace in ["/orders-1", "/orders-22"] {
                try await client.join(namespace)
                client.send(#"2\#(namespace),1["name"]"#)
                #expect(try await client.next() == #"43\#(namespace),1["\#(namespace)"]"#)
            }
        }
    }

    @Test("the parent's middleware and connection handlers are those of each child")
    func handlers() async throws {
        try await TestServer.run { server in
            let parent = server.server.of { name, _ in name.hasPrefix("/room-") }
            parent.authenticate { handshake in
                guard let name = handshake.auth?["name"]?.string else { throw ConnectError("who?") }
                return name
            }
            parent.onConnection { socket in
                server.notes.add("\(try socket.data(as: String.self)) in \(socket.namespace.name)")
            }
            parent.onDisconnect { socket, _ in server.notes.add("left \(socket.namespace.name)") }
        } test: { server in
            let client = try await server.connect()
            client.send("0/room-a,")
            #expect(try await client.next() == refusal("/room-a", "who?"))
            try await client.join("/room-a", auth: #"{"name":"ann"}"#)
            try await client.join("/room-b", auth: #"{"name":"bob"}"#)
            client.send("1/room-a,")
            try await eventually { server.notes.all == ["ann in /room-a", "bob in /room-b", "left /room-a"] }
        }
    }

    @Test("handlers that are added to the parent later apply to later children, those of a child to it alone")
    func laterHandlers() async throws {
        try await TestServer.run { server in
            _ = server.server.of(matching: /\/c-./)
        } test: { server in
            let parent = try #require(server.server.namespaces.parents(ofName: "/c-1").first)
            let client = try await server.connect()
            try await client.join("/c-1")
            parent.on("later") { (_: isolated Socket) in "parent" }
            server.server.of("/c-1").on("own") { (_: isolated Socket) in "own" }
            try await client.join("/c-2")
            client.send([#"2/c-1,1["later"]"#, #"2/c-1,2["own"]"#, #"2/c-2,3["own"]"#, #"2/c-2,4["later"]"#])
            #expect(try await client.next(2) == [#"43/c-1,2["own"]"#, #"43/c-2,4["parent"]"#])
        }
    }

    @Test("existing namespaces come first, then the parents in the order of their creation")
    func precedence() async throws {
        try await TestServer.run { server in
            for name in ["/x", "/x1"] {
                server.server.of(name).onConnection { _ in server.notes.add("explicit") }
            }
            let first = server.server.of { name, auth in auth?["first"] != nil }
            let second = server.server.of(matching: /\/x\d/)
            let third = server.server.of { _, _ in true }
            for (parent, name) in [(first, "first"), (second, "second"), (third, "third")] {
                parent.onConnection { _ in server.notes.add(name) }
            }
        } test: { server in
            let client = try await server.connect()
            for (namespace, auth) in [
                ("/x", ""), ("/x1", ""), ("/x2", ""), ("/x3", #"{"first":1}"#), ("/y", ""), ("/z", #"{"first":1}"#),
            ] { try await client.join(namespace, auth: auth) }
            #expect(server.notes.all == ["explicit", "explicit", "second", "first", "third", "first"])
        }
    }

    @Test("of with a name that matches a pattern creates a guarded child; a parent's child needs no decision")
    func byName() async throws {
        try await TestServer.run { server in
            server.server.of(matching: /\/p\d/).use { _ in throw ConnectError("guarded") }
            server.server.of { _, _ in false }.use { _ in throw ConnectError("guarded too") }
        } test: { server in
            #expect(server.server.of("p1") === server.server.of("/p1"))
            let parent = try #require(server.server.namespaces.parents(ofName: "/q").last)
            #expect(parent.child("q") === server.server.of("/q"))
            let client = try await server.connect()
            client.send(["0/p1,", "0/q,", "0/r,"])
            #expect(
                try await client.next(3)
                    == [refusal("/p1", "guarded"), refusal("/q", "guarded too"), refusal("/r")])
        }
    }

    @Test("a decision that throws refuses the client as middleware does", arguments: [false, true])
    func throwing(waits: Bool) async throws {
        struct Secret: Error {}
        let decide: @Sendable (String) throws -> Bool = { name in
            if name == "/secret" { throw Secret() }
            if name == "/no" { throw ConnectError("no", data: JSONText(integer: 7)) }
            return false
        }
        try await TestServer.run { server in
            if waits {
                _ = server.server.of { name, _ async throws in
                    await Task.yield()
                    return try decide(name)
                }
            } else {
                _ = server.server.of { name, _ in try decide(name) }
            }
        } test: { server in
            let client = try await server.connect()
            client.send(["0/no,", "0/secret,", "0/other,"])
            #expect(
                try await client.next(3).sorted() == [
                    #"44/no,{"message":"no","data":7}"#, refusal("/other"), refusal("/secret", "internal server error"),
                ])
            #expect(server.reports.all == ["handler of /secret failed: Secret()"])
        }
    }

    @Test(
        "packets that arrive during an asynchronous decision are handled after it, in order", arguments: [true, false])
    func waiting(allows: Bool) async throws {
        let gate = Gate()
        try await TestServer.run { server in
            let parent = server.server.of { _, _ async in
                await gate.pass()
                return allows
            }
            parent.on("count") { (_, number: Int) in number }
        } test: { server in
            let client = try await server.connect()
            client.send([#"0/later,{"a":1}"#] + (0..<2000).map { #"2/later,\#($0)["count",\#($0)]"# })
            try await eventually { gate.count == 1 }
            gate.open()
            guard allows else {
                #expect(try await client.next() == refusal("/later"))
                client.send("0/later,")
                #expect(try await client.next() == refusal("/later"), "the dropped packets did not end the connection")
                return
            }
            #expect(try await client.next().hasPrefix("40/later,{"))
            #expect(try await client.next(2000) == (0..<2000).map { "43/later,\($0)[\($0)]" })
        }
    }

    @Test("a client that leaves during the decision creates no namespace")
    func gone() async throws {
        let gate = Gate()
        try await TestServer.run { server in
            _ = server.server.of { _, _ async in
                await gate.pass()
                return true
            }
            server.server.onNewNamespace { server.notes.add($0.name) }
        } test: { server in
            let client = try await server.connect()
            client.send("0/later,")
            try await eventually { gate.count == 1 }
            client.close()
            try await eventually { await server.server.clientsCount == 0 }
            gate.open()
            try await server.connect().join("/other")
            #expect(server.notes.all == ["/other"])
        }
    }

    @Test("a decision counts within the time to join a namespace")
    func decisionTimeout() async throws {
        let gate = Gate()
        try await TestServer.run(ServerOptions(connectTimeout: .seconds(1))) { server in
            _ = server.server.of { _, _ async in
                await gate.pass()
                return true
            }
        } test: { server in
            let client = try await server.connect()
            client.send("0/never,")
            try await eventually { gate.count == 1 }
            _ = try await client.end()
            gate.open()
        }
    }

    @Test("the main namespace and long names are no children")
    func excluded() async throws {
        try await TestServer.run { server in
            server.server.of { _, _ in true }.onConnection { socket in
                server.notes.add(socket.namespace.name)
            }
        } test: { server in
            let client = try await server.connect()
            let long = "/" + String(repeating: "x", count: 256)
            try await client.join()
            client.send("0\(long),")
            #expect(try await client.next(1) == [refusal(long)])
            try await client.join(String(long.dropLast()))
            #expect(server.notes.all == [String(long.dropLast())])
        }
    }

    @Test("handlers of new namespaces run once for each, before the first client's middleware")
    func newNamespaces() async throws {
        try await TestServer.run { server in
            _ = server.server.of("/before")
            _ = server.server.of(matching: /\/n\d/)
            server.server.onNewNamespace { namespace in
                server.notes.add(namespace.name)
                namespace.use { _ in server.notes.add("checked in \(namespace.name)") }
            }
        } test: { server in
            _ = server.main
            _ = server.server.of("/by-name")
            let clients = [try await server.connect(), try await server.connect()]
            for client in clients { try await client.join("/n1") }
            #expect(server.notes.all == ["/by-name", "/n1", "checked in /n1", "checked in /n1"])
        }
    }
}
