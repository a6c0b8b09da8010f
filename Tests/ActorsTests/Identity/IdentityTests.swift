import Testing
import Transport

@testable import Actors

@Suite("Identities: who a client is decides which session it may resume", .overEachLink)
struct IdentityTests {
    static let recovery = RecoveryOptions(maxDisconnectionDuration: .seconds(60), detectionTime: .seconds(45))

    /// The identity is the text in `auth.user`; without one the client is rejected.
    static func identity(_ handshake: Handshake, expires: Duration? = nil) throws(ConnectError) -> ClientIdentity {
        guard let id = handshake.auth?["user"]?.string else { throw ConnectError("who are you?") }
        return ClientIdentity(id: id, expires: expires)
    }

    static func setUp(_ server: TestServer) {
        server.main.identify { try identity($0) }
        server.main.onConnection { socket in
            server.notes.add("\(socket.identity?.id ?? "nobody")\(socket.isRecovered ? " again" : "")")
        }
    }

    /// The same with a check that takes time.
    static func setUpSlow(_ server: TestServer) {
        setUp(server)
        server.main.identify { handshake async throws in
            await Task.yield()
            return try identity(handshake)
        }
    }

    static func pid(_ client: TestClient, _ auth: String) async throws -> String {
        client.send("0" + auth)
        let answer = try await client.next()
        let value = try JSONText(validating: Array(answer.dropFirst(2).utf8))
        return try #require(value["pid"]?.string)
    }

    @Test("a client without an identity is rejected, and may try again", arguments: [false, true])
    func rejected(isSlow: Bool) async throws {
        try await TestServer.run(recovery: Self.recovery, setUp: isSlow ? Self.setUpSlow : Self.setUp) { server in
            let client = try await server.connect()
            client.send("0")
            #expect(try await client.next() == #"44{"message":"who are you?"}"#)
            _ = try await Self.pid(client, #"{"user":"ada"}"#)
            try await eventually { server.notes.all == ["ada"] }
        }
    }

    @Test("the same user resumes the session with another connection", arguments: [false, true])
    func resumes(isSlow: Bool) async throws {
        try await TestServer.run(recovery: Self.recovery, setUp: isSlow ? Self.setUpSlow : Self.setUp) { server in
            let first = try await server.connect()
            let pid = try await Self.pid(first, #"{"user":"ada"}"#)
            first.close()
            try await eventually { await server.server.status.sessions == 0 }
            let second = try await server.connect()
            #expect(try await Self.pid(second, #"{"user":"ada","pid":"\#(pid)"}"#) == pid)
            try await eventually { server.notes.all == ["ada", "ada again"] }
        }
    }

    @Test("a claim by another user gets a new session, and leaves the live one alone")
    func claimOfAnother() async throws {
        try await TestServer.run(recovery: Self.recovery, setUp: Self.setUp) { server in
            let ada = try await server.connect()
            let pid = try await Self.pid(ada, #"{"user":"ada"}"#)
            let eve = try await server.connect()
            #expect(try await Self.pid(eve, #"{"user":"eve","pid":"\#(pid)"}"#) != pid)
            try await eventually { server.notes.all == ["ada", "eve"] }
            server.main.on("ping") { _, event in event.acknowledgement?() }
            ada.send(#"21["ping"]"#)
            #expect(try await ada.next() == "431[]")

            ada.close()
            try await eventually { await server.server.status.sessions == 1 }
            let again = try await server.connect()
            #expect(try await Self.pid(again, #"{"user":"ada","pid":"\#(pid)"}"#) == pid)
            try await eventually { server.notes.all == ["ada", "eve", "ada again"] }
        }
    }

    @Test("packets that arrive while the identity is checked are handled afterwards")
    func earlyPackets() async throws {
        let gate = Gate()
        try await TestServer.run(recovery: Self.recovery) { server in
            server.main.identify { handshake async throws in
                await gate.pass()
                return try Self.identity(handshake)
            }
            server.main.on("note") { _, event in
                server.notes.add(String(decoding: event.arguments.slice, as: UTF8.self))
            }
        } test: { server in
            let client = try await server.connect()
            client.send([#"0{"user":"ada"}"#, #"2["note",1]"#, #"2["note",2]"#])
            let gone = try await server.connect()
            gone.send(#"0{"user":"eve"}"#)
            gone.close()
            try await eventually { await server.server.status.sessions == 1 }
            gate.open()
            try await eventually { server.notes.all == ["1", "2"] }
            #expect(await server.server.status.inputBytes == 0)
        }
    }

    @Test("a client is told and disconnected when its identity expires, and cannot resume its session")
    func expires() async throws {
        try await TestServer.run(recovery: Self.recovery) { server in
            Self.setUp(server)
            let expires = server.loop.machine.wallClock + .seconds(2)
            server.main.identify { try Self.identity($0, expires: expires) }
        } test: { server in
            let client = try await server.connect()
            let pid = try await Self.pid(client, #"{"user":"ada"}"#)
            let start = server.loop.now
            #expect(try await client.next().hasPrefix(#"42["disconnect reason",{"reason":"expired"}"#))
            #expect(try await client.next() == "41")
            #expect((Duration.milliseconds(1_900)...(.seconds(3))).contains(server.loop.now - start))
            server.main.identify { try Self.identity($0) }
            #expect(try await Self.pid(client, #"{"user":"ada","pid":"\#(pid)"}"#) != pid)
        }
    }

    @Test("rooms that an earlier identity had and the new one has not are left; rooms of handlers stay")
    func rooms() async throws {
        try await TestServer.run(recovery: Self.recovery) { server in
            server.main.identify { handshake in
                ClientIdentity(
                    id: "ada", rooms: handshake.auth?["rooms"]?.elements?.compactMap(\.string) ?? [])
            }
            server.main.onConnection { socket in
                if !socket.isRecovered {
                    socket.setData(JSONText(object: [("own", .null)]))
                    socket.join("own", "shared")
                }
                socket.joinIdentityRooms()
                let rooms = socket.rooms.subtracting([socket.id.description])
                server.notes.add(rooms.sorted().joined(separator: " "))
            }
        } test: { server in
            var pid = "0"
            var expected: [String] = []
            for (rooms, joined) in [
                (#"["a","b","shared"]"#, "a b own shared"), (#"["b","c","own"]"#, "b c own shared"),
                ("[]", "own shared"), (#"["a"]"#, "a own shared"),
            ] {
                let client = try await server.connect()
                let now = try await Self.pid(client, #"{"pid":"\#(pid)","rooms":\#(rooms)}"#)
                #expect(expected.isEmpty || now == pid)
                pid = now
                expected.append(joined)
                try await eventually { server.notes.all == expected }
                client.close()
                try await eventually { await server.server.status.sessions == 0 }
            }
        }
    }

    @Test("a client whose identity expires while it is away cannot resume its session with another one")
    func expiresWhileAway() async throws {
        try await TestServer.run(recovery: Self.recovery) { server in
            Self.setUp(server)
            let expires = server.loop.machine.wallClock + .seconds(2)
            server.main.identify { try Self.identity($0, expires: expires) }
        } test: { server in
            let first = try await server.connect()
            let pid = try await Self.pid(first, #"{"user":"ada"}"#)
            first.close()
            try await eventually { await server.server.status.sessions == 0 }
            await TestMachine.current.wait(.seconds(3))
            server.main.identify { try Self.identity($0) }
            let second = try await server.connect()
            #expect(try await Self.pid(second, #"{"user":"ada","pid":"\#(pid)"}"#) != pid)
        }
    }

    @Test("an identity without an end, or with one far away, is valid for ever")
    func lifetimes() {
        let now = Duration.seconds(1_700_000_000)
        #expect(ClientIdentity(id: "a").lifetime(at: now) == nil)
        #expect(ClientIdentity(id: "a", expires: .seconds(1 << 60)).lifetime(at: now) == nil)
        #expect(ClientIdentity(id: "a", expires: now + .seconds(5)).lifetime(at: now) == .seconds(5))
        #expect(ClientIdentity(id: "a", expires: .zero).lifetime(at: now) == .zero)
    }

    @Test("a secret is mixed with the identity, and is always an id")
    func secrets() {
        let id = SessionID.random()
        let known = ["a", "b", "", "a\0"].map { SessionSecret.known(to: id, of: ClientIdentity(id: $0)) }
        #expect(Set(known).count == 4 && !known.contains(id))
        #expect(SessionSecret.known(to: id, of: nil) == id)
        #expect(SessionSecret.known(to: id, of: ClientIdentity(id: "a")) == known[0])
    }
}
