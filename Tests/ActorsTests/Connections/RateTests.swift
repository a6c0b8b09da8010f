import Testing
import Transport

@testable import Actors

@Suite("A client over its rate is not read until the next message is allowed, and loses nothing", .overEachLink)
struct RateTests {
    /// Adds the number of each event `note` to the notes, and acknowledges it.
    static func setUp(_ server: TestServer) {
        server.main.on("note") { _, event in
            server.notes.add(String(decoding: event.arguments.slice, as: UTF8.self))
            event.acknowledgement?()
        }
    }

    static func notes(_ numbers: Range<Int>) -> [String] { numbers.map { #"2["note",\#($0)]"# } }

    @Test("all messages of a burst three times over the limit arrive in order, the excess at the rate")
    func burst() async throws {
        let options = ServerOptions(messageRate: RateLimit(perSecond: 20, burst: 10))
        try await TestServer.run(options, setUp: Self.setUp) { server in
            let client = try await server.join()
            let start = server.loop.now
            client.send(Self.notes(0..<30))
            try await eventually { server.notes.all.count >= 9 }
            #expect(server.loop.now - start < .milliseconds(500))
            try await eventually({ server.notes.all.count == 30 }, within: .seconds(5))
            #expect(server.notes.all == (0..<30).map(String.init))
            #expect(server.loop.now - start >= .seconds(1))
            #expect(await server.server.status.ratePauses >= 1)
        }
    }

    @Test("a message may exceed the whole byte rate, and delays the next one by its size")
    func bytes() async throws {
        let options = ServerOptions(byteRate: RateLimit(perSecond: 10_000, burst: 1_000))
        try await TestServer.run(options, setUp: Self.setUp) { server in
            let client = try await server.join()
            let start = server.loop.now
            client.send([#"2["note","\#(String(repeating: "x", count: 20_000))"]"#, #"2["note",2]"#])
            try await eventually { server.notes.all.count == 1 }
            try await eventually({ server.notes.all.count == 2 }, within: .seconds(5))
            #expect((Duration.milliseconds(1_800)...(.seconds(3))).contains(server.loop.now - start))
        }
    }

    @Test("a client over its rate does not delay another one")
    func others() async throws {
        let options = ServerOptions(messageRate: RateLimit(perSecond: 1, burst: 5))
        try await TestServer.run(options, setUp: Self.setUp) { server in
            let flood = try await server.join()
            let other = try await server.join()
            flood.send(Self.notes(0..<100))
            other.send(#"21["note",1000]"#)
            #expect(try await other.next() == "431[]")
            #expect(server.notes.all.count < 10)
        }
    }

    @Test("a client over its rate is not disconnected by its heartbeat, and its pongs are read after the pause")
    func heartbeat() async throws {
        let engine = EngineOptions(pingInterval: .milliseconds(200), pingTimeout: .milliseconds(100))
        let options = ServerOptions(engine: engine, messageRate: RateLimit(perSecond: 1, burst: 2))
        try await TestServer.run(options, setUp: Self.setUp) { server in
            let client = try await server.join()
            client.send(Self.notes(0..<4))
            try await eventually({ server.notes.all.count == 4 }, within: .seconds(6))
            let pings = client.pings
            try await eventually({ client.pings >= pings + 3 }, within: .seconds(3))
            #expect(await server.server.status.sessions == 1)
        }
    }

    @Test("a client that goes while its messages wait leaves nothing behind")
    func leaves() async throws {
        let options = ServerOptions(messageRate: RateLimit(perSecond: 1, burst: 2))
        try await TestServer.run(options, setUp: Self.setUp) { server in
            let client = try await server.join()
            client.send(Self.notes(0..<50))
            try await eventually { server.notes.all.count >= 1 }
            client.close()
            try await eventually({ await server.server.status.sessions == 0 }, within: .seconds(120))
            try await eventually { await server.server.status.inputBytes == 0 }
        }
    }

    @Test("a handler of excess events refuses one event between two that the rate allows, and only with an answer")
    func refusal() async throws {
        let options = ServerOptions(messageRate: RateLimit(perSecond: 2, burst: 2))
        try await TestServer.run(options) { server in
            Self.setUp(server)
            server.main.onExcess { _, event, retryAfter in
                guard event.name == "note" else { return nil }
                server.notes.add("excess")
                return [.json(JSONText(integer: Int(retryAfter / .milliseconds(1))))]
            }
        } test: { server in
            let client = try await server.join()
            // The CONNECT was the first message.
            client.send([#"21["note",1]"#, #"22["note",2]"#, #"23["note",3]"#, #"2["note",4]"#])
            #expect(try await client.next() == "431[]")
            let refusal = try await client.next()
            #expect(refusal.hasPrefix("432["))
            #expect(try await client.next() == "433[]")
            try await eventually({ server.notes.all.count == 4 }, within: .seconds(3))
            #expect(server.notes.all == ["1", "excess", "3", "4"])
            #expect(await server.server.status.rateRefusals == 1)
        }
    }

    @Test("work that a handler charges delays the client's next message")
    func charge() async throws {
        let options = ServerOptions(byteRate: RateLimit(perSecond: 1000, burst: 1000))
        try await TestServer.run(options) { server in
            Self.setUp(server)
            server.main.on("work") { socket, _ in socket.charge(bytes: 3000) }
        } test: { server in
            let client = try await server.join()
            let start = server.loop.now
            client.send([#"2["work"]"#, #"2["note",1]"#])
            try await eventually({ server.notes.all.count == 1 }, within: .seconds(5))
            #expect(server.loop.now - start >= .seconds(2))
        }
    }

    @Test("clients on this machine have no limit if the options say so, unless a proxy has passed them on")
    func local() async throws {
        let options = ServerOptions(messageRate: RateLimit(perSecond: 1, burst: 2), limitsLocalClients: false)
        try await TestServer.run(options, setUp: Self.setUp) { server in
            let client = try await server.join()
            client.send(Self.notes(0..<50))
            try await eventually { server.notes.all.count == 50 }
            var other = TestClient.Options()
            other.address = "192.0.2.1"
            let limited = try await server.join(other)
            limited.send(Self.notes(50..<60))
            try await eventually { await server.server.status.ratePauses == 1 }
            #expect(server.notes.all.count < 55)
        }
    }

    @Test("messages that wait for the rate are handled when the client ends its connection after them")
    func closes() async throws {
        let options = ServerOptions(messageRate: RateLimit(perSecond: 1, burst: 2))
        try await TestServer.run(options, setUp: Self.setUp) { server in
            let client = try await server.join()
            // The rate would need eight seconds. What takes longer than ten is dropped.
            client.send(Self.notes(0..<10) + ["1"])
            client.close()
            try await eventually({ server.notes.all.count == 10 }, within: .seconds(20))
            #expect(server.notes.all == (0..<10).map(String.init))
        }
    }

    @Test("the connections of one identity share its rates, also one after the other; those of others do not")
    func identity() async throws {
        let options = ServerOptions(messageRate: RateLimit(perSecond: 4, burst: 8))
        try await TestServer.run(options) { server in
            Self.setUp(server)
            server.main.identify { handshake in ClientIdentity(id: handshake.auth?["user"]?.string ?? "") }
        } test: { server in
            func join(_ user: String) async throws -> TestClient {
                let client = try await server.connect()
                client.send(#"0{"user":"\#(user)"}"#)
                #expect(try await client.next().hasPrefix("40"))
                return client
            }
            let clients = [try await join("ada"), try await join("ada"), try await join("ada")]
            let start = server.loop.now
            for client in clients { client.send(Self.notes(0..<6)) }
            // The eight of the burst are handled at once.
            try await eventually { server.notes.all.count >= 8 }
            #expect(server.loop.now - start < .milliseconds(500))
            let other = try await join("eve")
            other.send(#"21["note",7]"#)
            #expect(try await other.next() == "431[]")
            // The other ten need a fourth of a second each.
            try await eventually({ server.notes.all.count == 19 }, within: .seconds(9))
            #expect(server.loop.now - start >= .milliseconds(2400))
            for client in clients { client.close() }
            let next = try await join("ada")
            let again = server.loop.now
            next.send(Self.notes(0..<3))
            try await eventually({ server.notes.all.count == 22 }, within: .seconds(9))
            #expect(server.loop.now - again >= .milliseconds(400))
        }
    }

    @Test("the clients of one address share its rates, also one after the other; those of other addresses do not")
    func address() async throws {
        let options = ServerOptions(
            addressLimits: AddressLimits(rateFactor: 2), messageRate: RateLimit(perSecond: 4, burst: 8))
        try await TestServer.run(options, setUp: Self.setUp) { server in
            func join(_ address: String) async throws -> TestClient {
                var options = TestClient.Options()
                options.address = address
                return try await server.join(options)
            }
            let start = server.loop.now
            var clients: [TestClient] = []
            for _ in 0..<3 { clients.append(try await join("192.0.2.1")) }
            for client in clients { client.send(Self.notes(0..<7)) }
            let other = try await join("192.0.2.2")
            other.send(#"21["note",7]"#)
            #expect(try await other.next() == "431[]")
            try await eventually({ server.notes.all.count == 22 }, within: .seconds(9))
            // 24 messages, with those to connect, of which no client has more than its own burst: 16 may come at once.
            #expect(server.loop.now - start >= .milliseconds(900))
            for client in clients { client.close() }
            let next = try await join("192.0.2.1")
            next.send(Self.notes(0..<3))
            try await eventually({ server.notes.all.count == 25 }, within: .seconds(9))
            #expect(server.loop.now - start >= .milliseconds(1300))
        }
    }

    @Test("a client that the application knows has the rates of its identity, and not those of its address")
    func knownAtAddress() async throws {
        let options = ServerOptions(
            addressLimits: AddressLimits(rateFactor: 1), messageRate: RateLimit(perSecond: 1, burst: 8))
        try await TestServer.run(options) { server in
            Self.setUp(server)
            server.main.identify { handshake in ClientIdentity(id: handshake.auth?["user"]?.string ?? "") }
        } test: { server in
            var options = TestClient.Options()
            options.address = "192.0.2.1"
            let start = server.loop.now
            for user in ["ada", "eve", "bob"] {
                let client = try await server.join(auth: #"{"user":"\#(user)"}"#, options)
                client.send(Self.notes(0..<7))
            }
            // With the rates of the address, they would need 16 seconds.
            try await eventually({ server.notes.all.count == 21 }, within: .seconds(12))
            #expect(server.loop.now - start < .seconds(12))
        }
    }

    @Test("a client that leaves with many messages cannot stop the others of its address")
    func leavesDebt() async throws {
        let options = ServerOptions(
            addressLimits: AddressLimits(rateFactor: 1), messageRate: RateLimit(perSecond: 10, burst: 10))
        try await TestServer.run(options, setUp: Self.setUp) { server in
            var options = TestClient.Options()
            options.address = "192.0.2.1"
            let client = try await server.join(options)
            client.send(Self.notes(0..<1000) + ["1"])
            client.close()
            try await eventually({ await server.server.status.sessions == 0 }, within: .seconds(20))
            // The burst, and what the address owes for ten seconds.
            #expect(server.notes.all.count < 200)
            // The first message of a connection tells who the client is, and does not wait for the address.
            let start = server.loop.now
            let next = try await server.join(options)
            #expect(server.loop.now - start < .seconds(5))
            next.send(Self.notes(2000..<2001))
            try await eventually({ server.notes.all.last == "2000" }, within: .seconds(20))
        }
    }

    @Test("the messages of a client that leaves do not come before those of others of its address; its leaving does")
    func leavesBesideOthers() async throws {
        let options = ServerOptions(
            addressLimits: AddressLimits(rateFactor: 1), messageRate: RateLimit(perSecond: 20, burst: 20))
        try await TestServer.run(options) { server in
            Self.setUp(server)
            server.main.onDisconnect { _, reason in server.notes.add("\(reason)") }
        } test: { server in
            var options = TestClient.Options()
            options.address = "192.0.2.1"
            let (leaver, other) = (try await server.join(options), try await server.join(options))
            other.send(Self.notes(0..<60))
            try await eventually { await server.server.status.ratePauses == 1 }
            leaver.send(Self.notes(1000..<1060) + ["1"])
            leaver.close()
            try await eventually({ server.notes.all.contains("\(DisconnectReason.clientNamespaceDisconnect)") })
            #expect(await server.server.status.rateDrops > 0)
            try await eventually({ server.notes.all.last == "59" }, within: .seconds(12))
            #expect(server.notes.all.compactMap(Int.init).filter { $0 < 1000 } == Array(0..<60))
            #expect(server.notes.all.compactMap(Int.init).count { $0 >= 1000 } < 30)
        }
    }
}
