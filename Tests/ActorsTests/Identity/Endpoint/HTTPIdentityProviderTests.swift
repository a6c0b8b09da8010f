import Testing
import Transport

@testable import Actors

@Suite("A service that knows who the clients are", .overDirectLink)
struct HTTPIdentityProviderTests {
    /// The close code of a client that should come back later.
    static let tryAgainLater = 1013
    static let ada = RawService.response(200, #"{"id":"ada"}"#)

    /// Runs a test with a server that asks a service.
    static func run(
        maxRequests: Int = 32, url: String? = nil,
        test: (_ server: TestServer, _ service: RawService) async throws -> Void
    ) async throws {
        let service = try RawService()
        try await TestServer.run(recovery: IdentityTests.recovery) { server in
            let provider = try? HTTPIdentityProvider(
                url: url ?? service.url, maxRequests: maxRequests, report: { server.reports.add("\($0)") })
            server.main.identify { handshake async throws in
                guard let provider else { throw ConnectError("no provider") }
                return try await provider.identity(of: handshake)
            }
            server.main.onConnection { socket in
                server.notes.add(
                    "\(socket.identity?.id ?? "nobody")\(socket.identity?.rooms ?? [])\(socket.isRecovered ? "!" : "")")
            }
        } test: { server in
            try await test(server, service)
        }
    }

    /// Lets the service answer one request.
    static func answer(_ service: RawService, _ steps: RawService.Step...) {
        TestMachine.current.task { await service.serve(steps) }
    }

    private static func enters(_ server: TestServer, _ auth: String) async throws -> Bool {
        let client = try await server.connect()
        client.send("0" + auth)
        return try await client.next().hasPrefix(#"40{"sid""#)
    }

    @Test("the service gets the token, the auth, the address and the headers, and names the client")
    func enters() async throws {
        try await Self.run { server, service in
            Self.answer(service, .send(RawService.response(200, #"{"id":"ada","rooms":["a"],"name":null}"#)))
            let client = try await server.connect()
            client.send(#"0{"token":"t","pid":"secret","serverOffset":5,"site":{"a":1}}"#)
            #expect(try await client.next().hasPrefix(#"40{"sid""#))
            try await eventually { server.notes.all == [#"ada["a"]"#] }
            let body = try #require(service.requests.first?.split(separator: "\r\n\r\n").last)
            #expect(
                body
                    == #"{"token":"t","auth":{"site":{"a":1}},"address":"127.0.0.1","namespace":"/","#
                    + #""headers":{"host":"localhost"}}"#)
            #expect(server.reports.all.isEmpty)
        }
    }

    @Test("a refusal reaches the client with its message and data, which may try again")
    func refusal() async throws {
        try await Self.run { server, service in
            Self.answer(service, .send(RawService.response(403, #"{"message":"banned","data":{"until":7}}"#)))
            let client = try await server.connect()
            client.send("0")
            #expect(try await client.next() == #"44{"message":"banned","data":{"until":7}}"#)
            Self.answer(service, .send(RawService.response(401, "who?")))
            client.send("0")
            #expect(try await client.next() == #"44{"message":"unauthorized"}"#)
            Self.answer(service, .send(Self.ada))
            client.send("0")
            #expect(try await client.next().hasPrefix(#"40{"sid""#))
            #expect(server.reports.all.isEmpty)
        }
    }

    static let failures: [[RawService.Step]] = [
        [], [.close], [.reset], [.send("HTTP/1.1 200 OK\r\nContent-"), .wait(.seconds(60))],
        [.send("HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n{\"id\":"), .wait(.seconds(60))],
        [.send("HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n{\"id\":"), .close],
        [.send("HTTP/1.1 200 OK\r\n\r\n{\"id\":\"ad"), .close],
        [.send("HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n"), .drip(#"{"id":"ada"}"#)],
        [.drip("HTTP/1.1 200 OK\r\n")], [.send("SSH-2.0-OpenSSH_9.2\r\n"), .wait(.seconds(60))],
        [.send("HTTP/1.1 200 OK\r\nContent-Length: 70000\r\n\r\n")],
        [.send("HTTP/1.1 200 OK\r\nX: " + String(repeating: "x", count: 17 << 10))],
        [.send(RawService.response(200, "no object"))], [.send(RawService.response(200, #"{"name":"ada"}"#))],
        [.send(RawService.response(500, #"{"id":"ada"}"#))], [.send(RawService.response(302, ""))],
        [.send(RawService.response(404, "Not Found"))],
    ]

    @Test("without a usable answer in time the client is sent away, and the operator is told", arguments: failures)
    func failsClosed(steps: [RawService.Step]) async throws {
        try await Self.run { server, service in
            TestMachine.current.task { await service.serve(steps) }
            let client = try await server.connect()
            let start = server.loop.now
            client.send("0")
            await #expect(throws: TestClient.Failure.ended(code: Self.tryAgainLater)) { try await client.next() }
            #expect(server.loop.now - start < .milliseconds(5100))
            #expect(server.reports.all.count == 1 && server.notes.all.isEmpty)
            // The failure is not remembered.
            await TestMachine.current.wait(.seconds(20))
            Self.answer(service, .send(Self.ada))
            let second = try await server.connect()
            second.send("0")
            #expect(try await second.next().hasPrefix(#"40{"sid""#))
        }
    }

    @Test("a service that is down sends the clients away at different times, but all in time")
    func down() async throws {
        try await Self.run(url: "http://127.0.0.1:9/auth") { server, _ in
            let start = server.loop.now
            var clients: [TestClient] = []
            for index in 0..<8 {
                clients.append(try await server.connect())
                clients.last?.send(#"0{"token":"\#(index / 2)"}"#)
            }
            await TestMachine.current.wait(.milliseconds(2500))
            let half = await server.server.status.connections
            #expect((1..<8).contains(half), "some are gone, and some are not")
            for client in clients {
                #expect(try await client.end() == Self.tryAgainLater)
            }
            #expect(server.loop.now - start < .milliseconds(5100))
            try #require(server.reports.all.count == 8)
            #expect(server.reports.all[0].contains("refused"))
        }
    }

    @Test("a client that cannot be judged keeps another namespace, and learns that it cannot enter this one now")
    func otherNamespace() async throws {
        try await Self.run(url: "http://127.0.0.1:9/auth") { server, _ in
            server.server.of("/open").onConnection { _ in }
            let client = try await server.connect()
            try await client.join("/open")
            client.send("0")
            #expect(try await client.next() == #"44{"message":"unauthorized","data":{"reason":"unavailable"}}"#)
            client.send("0/open,")
            #expect(try await client.end() != Self.tryAgainLater)
        }
    }

    @Test("without a cache, a question after the answer is asked again")
    func asksAnew() async throws {
        try await Self.run { server, service in
            for id in ["ada", "bob"] {
                Self.answer(service, .send(RawService.response(200, #"{"id":"\#(id)"}"#)))
                #expect(try await Self.enters(server, #"{"token":"t"}"#))
            }
            try await eventually { server.notes.all == ["ada[]", "bob[]"] }
            #expect(service.requests.count == 2)
        }
    }

    @Test("an answer is remembered for as long as it allows, for equal questions only")
    func cache() async throws {
        try await Self.run { server, service async throws in
            Self.answer(service, .send(RawService.response(200, #"{"id":"ada","cache":60}"#)))
            #expect(try await Self.enters(server, #"{"token":"t","serverOffset":1}"#))
            #expect(try await Self.enters(server, #"{"token":"t","serverOffset":2}"#))
            #expect(service.requests.count == 1)
            Self.answer(service, .send(RawService.response(403, "")))
            #expect(
                try await !Self.enters(server, #"{"token":"t","password":"wrong"}"#), "another auth is another question"
            )
            await TestMachine.current.wait(.seconds(61))
            Self.answer(service, .send(RawService.response(403, #"{"message":"no","cache":3600}"#)))
            #expect(try await !Self.enters(server, #"{"token":"t"}"#))
            #expect(try await !Self.enters(server, #"{"token":"t"}"#), "a refusal is remembered")
            #expect(service.requests.count == 3)
            await TestMachine.current.wait(.seconds(6))
            Self.answer(service, .send(Self.ada))
            #expect(try await Self.enters(server, #"{"token":"t"}"#), "but not for long")
        }
    }

    @Test("equal questions at the same time share one request; further ones wait for their turn")
    func singleFlight() async throws {
        try await Self.run(maxRequests: 1) { server, service in
            var clients: [TestClient] = []
            for auth in ["1", "1", "2", "1"] {
                clients.append(try await server.connect())
                clients.last?.send(#"0{"token":"\#(auth)"}"#)
            }
            await TestMachine.current.wait(.seconds(1))
            Self.answer(service, .send(Self.ada))
            for index in [0, 1, 3] { #expect(try await clients[index].next().hasPrefix("40")) }
            Self.answer(service, .send(RawService.response(200, #"{"id":"bob"}"#)))
            #expect(try await clients[2].next().hasPrefix("40"))
            try await eventually { server.notes.all.sorted() == ["ada[]", "ada[]", "ada[]", "bob[]"] }
            #expect(service.requests.count == 2)
        }
    }

    @Test("the time of a request that waits for its turn ends too")
    func waitingTimesOut() async throws {
        try await Self.run(maxRequests: 1) { server, service in
            let first = try await server.connect()
            let (second, third) = (try await server.connect(), try await server.connect())
            first.send(#"0{"token":"1"}"#)
            await TestMachine.current.wait(.seconds(1))
            second.send(#"0{"token":"2"}"#)
            third.send(#"0{"token":"3"}"#)
            let start = TestMachine.current.now
            #expect(try await first.end() == Self.tryAgainLater)
            #expect(try await second.end() == Self.tryAgainLater)
            #expect(try await third.end() == Self.tryAgainLater)
            #expect(TestMachine.current.now - start < .milliseconds(5100))
            await TestMachine.current.wait(.milliseconds(100))
            #expect(service.acceptAll() == 1, "the service gets no request that has hardly any time left")
        }
    }

    @Test("an identity that has expired is refused; one that expires ends the connection")
    func expires() async throws {
        try await Self.run { server, service in
            let now = Int(server.loop.machine.wallClock / .seconds(1))
            Self.answer(service, .send(RawService.response(200, #"{"id":"ada","expires":\#(now - 1)}"#)))
            let client = try await server.connect()
            client.send("0")
            #expect(try await client.next() == #"44{"message":"unauthorized","data":{"reason":"expired"}}"#)
            Self.answer(service, .send(RawService.response(200, #"{"id":"ada","expires":\#(now + 5)}"#)))
            client.send("0")
            #expect(try await client.next().hasPrefix("40"))
            #expect(try await client.next().hasPrefix(#"42["disconnect reason",{"reason":"expired"}"#))
        }
    }

    @Test("a session is resumed only after the service has named its owner again")
    func resumes() async throws {
        try await Self.run { server, service in
            Self.answer(service, .send(Self.ada))
            let first = try await server.connect()
            let pid = try await IdentityTests.pid(first, "{}")
            first.close()
            try await eventually { await server.server.status.sessions == 0 }
            Self.answer(service, .send(RawService.response(403, #"{"message":"banned"}"#)))
            let second = try await server.connect()
            second.send(#"0{"pid":"\#(pid)"}"#)
            #expect(try await second.next() == #"44{"message":"banned"}"#)
            Self.answer(service, .send(Self.ada))
            #expect(try await IdentityTests.pid(second, #"{"pid":"\#(pid)"}"#) == pid)
            try await eventually { server.notes.all == ["ada[]", "ada[]!"] }
        }
    }

    @Test("the server closes although the service has not answered")
    func closes() async throws {
        try await Self.run { server, _ in
            let client = try await server.connect()
            client.send("0")
            await TestMachine.current.wait(.milliseconds(100))
            let start = server.loop.now
            await server.server.close(timeout: .seconds(30))
            #expect(server.loop.now - start < .seconds(4))
        }
    }

    @Test("a handshake without a server is refused")
    func noServer() async throws {
        let provider = try HTTPIdentityProvider(url: "http://127.0.0.1:1")
        let handshake = try Handshake()
        await #expect(throws: IdentityUnavailable.self) { try await provider.identity(of: handshake) }
        #expect(throws: HTTPIdentityProvider.InvalidURL.self) { try HTTPIdentityProvider(url: "https://site") }
    }
}
