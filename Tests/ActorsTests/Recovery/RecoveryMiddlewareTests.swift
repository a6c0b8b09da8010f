import Cluster
import Testing

@testable import Actors

@Suite("Middleware for recovered sessions, if the options ask for it", .overEveryLink)
struct RecoveryMiddlewareTests {
    static let options = ServerOptions(skipsMiddlewareOnRecovery: false)

    /// Notes each socket that middleware sees. For clients that resume a session, middleware waits at the gate and then
    /// rejects those with `refuse` in their `auth`.
    static func setUp(_ server: TestServer, _ gate: Gate?) {
        server.main.use { socket in
            server.notes.add("\(socket.isRecovered) \(socket.rooms.count) \(socket.data?.integer ?? 0)")
            if socket.isRecovered { socket.join("joined in middleware") }
        }
        if let gate {
            server.main.use { socket async throws in
                if socket.isRecovered { await gate.pass() }
            }
        }
        server.main.use { socket in
            if socket.handshake.auth?["refuse"] != nil { throw ConnectError("no") }
        }
        server.main.onConnection { socket in
            if socket.isRecovered { return }
            socket.join("r")
            socket.setData(JSONText(integer: 7))
            socket.emit("welcome")
        }
    }

    /// Joins, receives an event and loses the connection.
    static func lostClient(of server: TestServer) async throws -> RecoveringClient {
        var client = try await RecoveringClient(server)
        #expect(try await client.next() == #"42["welcome"]"#)
        client.socket.reset()
        try await eventually { await server.hub.status.lostSessions == 1 }
        return client
    }

    /// Sends the CONNECT that claims the session of a lost client.
    static func claim(_ lost: RecoveringClient, on server: TestServer, refuse: Bool = false) async throws -> TestClient
    {
        let client = try await server.connect()
        var auth = [("pid", JSONText(string: lost.pid)), ("offset", JSONText(string: try #require(lost.offset)))]
        if refuse { auth.append(("refuse", JSONText(bool: true))) }
        client.send("0" + JSONText(object: auth).description)
        return client
    }

    @Test("middleware sees the id, rooms and data of the session, and may join rooms")
    func accepted() async throws {
        try await TestServer.run(Self.options, recovery: RecoveryOptions()) {
            Self.setUp($0, nil)
        } test: { server in
            let lost = try await Self.lostClient(of: server)
            server.main.to("r").emit("missed", [.json(JSONText(integer: 1))])
            var back = try await RecoveringClient(server, lost: lost)
            #expect(back.sid == lost.sid && back.pid == lost.pid)
            #expect(try await back.next() == #"42["missed",1]"#)
            #expect(server.notes.all == ["false 1 0", "true 2 7"])
            server.main.to("joined in middleware").emit("live")
            #expect(try await back.next() == #"42["live"]"#)
        }
    }

    @Test("no event for the session is lost, doubled or reordered while middleware is suspended")
    func suspended() async throws {
        let gate = Gate()
        try await TestServer.run(Self.options, recovery: RecoveryOptions()) {
            Self.setUp($0, gate)
        } test: { server in
            let lost = try await Self.lostClient(of: server)
            var other = try await RecoveringClient(server)
            server.main.emit("1")
            let back = try await Self.claim(lost, on: server)
            try await eventually { gate.count == 1 }
            server.main.emit("2")
            server.main.to("r", "other").emit("3")
            server.main.to(lost.sid).emit("4")
            server.main.to("other").emit("not for it")
            server.main.everyone.except("r").emit("not for it")
            server.main.everyone.volatile.emit("not for it")
            server.server.of("/other").emit("not for it")
            server.main.to(other.sid).emit("end")
            while try await other.next() != #"42["end"]"# {}
            gate.open()
            #expect(try await back.next().hasPrefix(#"40{"sid":"\#(lost.sid)""#))
            server.main.emit("5")
            for number in 1...5 { #expect(try await back.next().hasPrefix(#"42["\#(number)","#)) }
        }
    }

    @Test("after a rejection, a later claim gets the session and every event until then", arguments: [false, true])
    func rejected(waits: Bool) async throws {
        let gate = Gate()
        try await TestServer.run(Self.options, recovery: RecoveryOptions()) {
            Self.setUp($0, waits ? gate : nil)
        } test: { server in
            let lost = try await Self.lostClient(of: server)
            server.main.emit("1")
            let rejected = try await Self.claim(lost, on: server, refuse: true)
            if waits { try await eventually { gate.count == 1 } }
            server.main.emit("2")
            gate.open()
            #expect(try await rejected.next() == #"44{"message":"no"}"#)
            #expect(await server.server.status.sockets == 0)
            try await eventually { await server.hub.status.lostSessions == 1 }
            server.main.emit("3")
            let back = try await Self.claim(lost, on: server)
            #expect(try await back.next().hasPrefix(#"40{"sid":"\#(lost.sid)""#))
            for number in 1...3 { #expect(try await back.next().hasPrefix(#"42["\#(number)","#)) }
        }
    }

    @Test("a client that disconnects while middleware is suspended can claim its session again")
    func goes() async throws {
        let gate = Gate()
        try await TestServer.run(Self.options, recovery: RecoveryOptions()) {
            Self.setUp($0, gate)
        } test: { server in
            let lost = try await Self.lostClient(of: server)
            let gone = try await Self.claim(lost, on: server)
            try await eventually { gate.count == 1 }
            gone.reset()
            try await eventually { await server.hub.status.lostSessions == 1 }
            server.main.emit("1")
            gate.open()
            let back = try await Self.claim(lost, on: server)
            #expect(try await back.next().hasPrefix(#"40{"sid":"\#(lost.sid)""#))
            #expect(try await back.next().hasPrefix(#"42["1","#))
        }
    }

    @Test("another claim during suspended middleware wins, and the first connection is closed")
    func claimedAgain() async throws {
        let gate = Gate()
        try await TestServer.run(Self.options, recovery: RecoveryOptions()) {
            Self.setUp($0, gate)
        } test: { server in
            let lost = try await Self.lostClient(of: server)
            let first = try await Self.claim(lost, on: server)
            try await eventually { gate.count == 1 }
            let second = try await Self.claim(lost, on: server)
            try await eventually { gate.count == 2 }
            _ = try await first.end()
            server.main.emit("1")
            gate.open()
            #expect(try await second.next().hasPrefix(#"40{"sid":"\#(lost.sid)""#))
            #expect(try await second.next().hasPrefix(#"42["1","#))
        }
    }

    @Test("a client for which too many events arrive while middleware is suspended is disconnected")
    func tooMuch() async throws {
        let gate = Gate()
        var options = Self.options
        options.engine.maxPending = 100_000
        try await TestServer.run(options, recovery: RecoveryOptions()) {
            Self.setUp($0, gate)
        } test: { server in
            let lost = try await Self.lostClient(of: server)
            let waiting = try await Self.claim(lost, on: server)
            try await eventually { gate.count == 1 }
            let text = JSONText(string: String(repeating: "x", count: 20_000))
            for _ in 0..<6 { server.main.emit("large", [.json(text)]) }
            _ = try await waiting.end()
            try await eventually { await server.server.status.sockets == 0 }
            gate.open()
        }
    }
}
