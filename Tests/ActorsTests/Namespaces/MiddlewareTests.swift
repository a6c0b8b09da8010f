import Testing

@testable import Actors
@testable import Cluster

@Suite("Middleware accepts or rejects clients", .overEachLink)
struct MiddlewareTests {
    @Test("middleware that throws rejects the client with a message and data", arguments: [false, true])
    func refuses(waits: Bool) async throws {
        try await TestServer.run { server in
            let data = JSONText(object: [("code", JSONText(integer: 7))])
            if waits {
                server.main.use { _ async throws in
                    await Task.yield()
                    throw ConnectError("not \"you\"", data: data)
                }
            } else {
                server.main.use { _ in throw ConnectError("not \"you\"", data: data) }
            }
            server.main.onConnection { _ in server.notes.add("connected") }
            server.main.onDisconnect { _, _ in server.notes.add("disconnected") }
        } test: { server in
            let client = try await server.connect()
            client.send("0")
            #expect(try await client.next() == #"44{"message":"not \"you\"","data":{"code":7}}"#)
            #expect(await server.server.status.sockets == 0)
            client.close()
            try await eventually { await server.server.status.sessions == 0 }
            #expect(server.notes.all.isEmpty)
        }
    }

    @Test("another error rejects the client with a fixed message and is reported", arguments: [false, true])
    func otherError(waits: Bool) async throws {
        struct Secret: Error {}
        try await TestServer.run { server in
            if waits {
                server.main.use { _ async throws in
                    await Task.yield()
                    throw Secret()
                }
            } else {
                server.main.use { _ in throw Secret() }
            }
        } test: { server in
            let client = try await server.connect()
            client.send("0")
            #expect(try await client.next() == #"44{"message":"internal server error"}"#)
            #expect(server.reports.all == ["handler of / failed: Secret()"])
        }
    }

    @Test("a rejection without data contains only the message and the namespace")
    func withoutData() async throws {
        try await TestServer.run { server in
            server.server.of("/admin").use { _ in throw ConnectError("no") }
        } test: { server in
            let client = try await server.connect()
            client.send("0/admin,")
            #expect(try await client.next() == #"44/admin,{"message":"no"}"#)
        }
    }

    @Test("a rejected client may send CONNECT again on the same connection")
    func again() async throws {
        try await TestServer.run { server in
            server.main.use { socket in
                guard socket.handshake.auth?["token"]?.string == "right" else { throw ConnectError("wrong") }
            }
        } test: { server in
            let client = try await server.connect()
            client.send(#"0{"token":"other"}"#)
            #expect(try await client.next() == #"44{"message":"wrong"}"#)
            try await client.join(auth: #"{"token":"right"}"#)
        }
    }

    @Test("middleware, synchronous or not, runs in the order of its installation until one function rejects the client")
    func order() async throws {
        try await TestServer.run { server in
            for number in 1...4 {
                if number.isMultiple(of: 2) {
                    server.main.use { _ async throws in
                        await Task.yield()
                        server.notes.add("\(number)")
                    }
                } else {
                    server.main.use { _ in server.notes.add("\(number)") }
                }
            }
            server.main.use { _ in throw ConnectError("no") }
            server.main.use { _ in server.notes.add("after the rejection") }
        } test: { server in
            let client = try await server.connect()
            client.send("0")
            #expect(try await client.next() == #"44{"message":"no"}"#)
            #expect(server.notes.all == ["1", "2", "3", "4"])
        }
    }

    @Test("suspended middleware delays the reply and the events of its own client only")
    func waits() async throws {
        let gate = Gate()
        try await TestServer.run { server in
            server.main.use { socket async throws in
                if socket.handshake.auth != nil { await gate.pass() }
            }
            server.main.onConnection { socket in socket.emit("welcome") }
            server.main.on("hello") { socket, _ in socket.emit("hello back") }
        } test: { server in
            let slow = try await server.connect()
            slow.send(["0{}", #"2["hello"]"#])
            let fast = try await server.join()
            #expect(try await fast.next() == #"42["welcome"]"#)
            gate.open()
            #expect(try await slow.next().hasPrefix(#"40{"sid""#))
            #expect(try await slow.next(2) == [#"42["welcome"]"#, #"42["hello back"]"#])
        }
    }

    /// Performs actions on a socket before it is connected.
    private static func performEarlyActions(_ socket: isolated Socket) {
        socket.join("early")
        socket.join("left again")
        socket.leave("left again")
        socket.setData(JSONText(integer: 5))
        socket.emit("from middleware")
        socket.to("early").emit("to others")
    }

    @Test("actions of middleware take effect once the client is connected", arguments: [false, true])
    func acts(waits: Bool) async throws {
        try await TestServer.run(recovery: RecoveryOptions()) { server in
            if waits {
                server.main.use { socket async throws in
                    await Task.yield()
                    Self.performEarlyActions(socket)
                }
            } else {
                server.main.use { socket in Self.performEarlyActions(socket) }
            }
            server.main.onConnection { socket in
                server.notes.add("\(socket.rooms.count) rooms, data \(socket.data?.integer ?? 0)")
                socket.emit("welcome")
            }
        } test: { server in
            let client = try await server.join()
            #expect(try await client.next().hasPrefix(#"42["from middleware""#))
            #expect(try await client.next().hasPrefix(#"42["welcome""#))
            #expect(server.notes.all == ["2 rooms, data 5"])
            server.main.to("left again").emit("not for it")
            server.main.to("early").emit("for it")
            #expect(try await client.next().hasPrefix(#"42["for it""#))
            let other = try await server.join()
            #expect(try await client.next().hasPrefix(#"42["to others""#))
            #expect(try await other.next().hasPrefix(#"42["from middleware""#))
        }
    }

    @Test("actions of middleware that rejects the client are dropped")
    func refusesAfterActing() async throws {
        try await TestServer.run { server in
            server.main.use { socket in
                guard socket.handshake.auth == nil else { return }
                Self.performEarlyActions(socket)
                throw ConnectError("no")
            }
        } test: { server in
            let client = try await server.connect()
            client.send("0")
            #expect(try await client.next() == #"44{"message":"no"}"#)
            try await client.join(auth: "{}")
            server.main.to("early").emit("not for it")
            server.main.emit("for all")
            #expect(try await client.next() == #"42["for all"]"#)
        }
    }

    @Test("a client that disconnects while middleware is suspended never counts as connected")
    func goes() async throws {
        let gate = Gate()
        try await TestServer.run { server in
            server.main.use { _ async throws in
                await gate.pass()
                server.notes.add("checked")
            }
            server.main.onConnection { _ in server.notes.add("connected") }
            server.main.onDisconnect { _, _ in server.notes.add("disconnected") }
        } test: { server in
            let client = try await server.connect()
            client.send("0")
            try await eventually { gate.count == 1 }
            client.close()
            try await eventually { await server.server.status.sessions == 0 }
            gate.open()
            try await eventually { server.notes.all == ["checked"] }
            let other = try await server.join()
            other.send("1")
            try await eventually { server.notes.all == ["checked", "checked", "connected", "disconnected"] }
            #expect(await server.hub.status.sessions == 0)
        }
    }

    @Test("the description of a rejection is its message, so that it can be shown and logged")
    func description() {
        #expect("\(ConnectError("no way", data: ["code": 7]))" == "no way")
    }
}
