import Testing

@testable import Actors
@testable import Cluster
@testable import Transport

@Suite("Metrics of a server", .overEachLink)
struct ServerMetricsTests {
    private static func count(_ histogram: Metric, in samples: MetricSamples) -> Int? {
        for case (let key, .histogram(let value)) in samples.sorted where key.metric == histogram {
            return Int(value.count)
        }
        return nil
    }

    @Test("clients by transport, their packets, and the deliveries of an event are counted")
    func events() async throws {
        try await TestServer.run { server in
            server.main.on("hello") { _, _ in server.main.emit("news") }
        } test: { server in
            let clients = [try await server.join(), try await server.join()]
            let polling = try await PollingClient(port: server.port)
            clients[0].send(#"2["hello"]"#)
            for client in clients { #expect(try await client.next() == #"42["news"]"#) }
            let samples = await server.server.workerSamples
            #expect(samples.number(.connections, "websocket") == 2 && samples.number(.connections, "polling") == 1)
            #expect(samples.number(.openedConnections) == 3 && samples.number(.sockets) == 2)
            #expect(samples.number(.deliveries, "event") == 2)
            // Two CONNECTs and the event.
            #expect(samples.number(.receivedPackets) == 3)
            #expect(samples.number(.responses, "1xx") == 2 && samples.number(.responses, "2xx") == 1)
            let (received, sent) = (samples.number(.receivedBytes) ?? 0, samples.number(.sentBytes) ?? 0)
            #expect(received > 300 && sent > 300)
            try await polling.post("1")
            clients[1].closeWebSocket()
            try await eventually { await server.server.status.sessions == 1 }
            let later = await server.server.workerSamples
            #expect(later.number(.connections, "websocket") == 1 && later.number(.connections, "polling") == 0)
            #expect(later.number(.endedConnections, "transport_close") == 2)
        }
    }

    @Test("messages, their acknowledgements and deliveries, and what the store did with them are counted")
    func messages() async throws {
        try await TestServer.run(history: ["old"], setUp: MessageFormTests.setUp) { server in
            let clients = [try await server.join(), try await server.join()]
            for client in clients { #expect(try await client.next() == FollowTests.row("old", 1)) }
            clients[0].send([#"20["message","one","o"]"#, #"21["message","one","o"]"#])
            #expect(try await clients[0].next(3) == [FollowTests.row("one", 2), "430[]", "431[]"])
            #expect(try await clients[1].next() == FollowTests.row("one", 2))
            server.store.setFailing(true)
            clients[0].send(#"22["message","lost"]"#)
            try await eventually { await server.hub.status.failed == 1 }
            var samples = await server.server.workerSamples
            samples.merge(await server.hub.samples)
            #expect(samples.number(.receivedMessages) == 3)
            #expect(samples.number(.deliveries, "message") == 2 && samples.number(.deliveries, "catch_up") == 2)
            #expect(Self.count(.acknowledgementTime, in: samples) == 2)
            #expect(Self.count(.deliveryTime, in: samples) == 2)
            #expect(samples.number(.storedMessages, "stored") == 1)
            #expect(samples.number(.storedMessages, "repeated") == 1)
            #expect(samples.number(.storedMessages, "failed") == 1)
            #expect(Self.count(.commitTime, in: samples) == 1)
            #expect(samples.number(.storeUp) == 0 && samples.number(.storeFailures, "commit") == 1)
            server.store.setFailing(false)
            clients[1].send(#"23["message","kept"]"#)
            #expect(try await clients[1].next(2).last == "433[]")
            #expect(await server.hub.samples.number(.storeUp) == 1)
        }
    }

    /// The counted refusals; those that have not happened are left out.
    private static func refusals(of server: TestServer) async -> [String: Int] {
        var found: [String: Int] = [:]
        for case (let key, .number(let count)) in await server.server.workerSamples.sorted
        where key.metric == .refusals && count > 0 {
            found[key.labels[0]] = count
        }
        return found
    }

    @Test("a WebSocket's message over the limit, and too much output for it, are counted once each")
    func sizes() async throws {
        var options = ServerOptions()
        options.engine.maxPayload = 1000
        options.engine.maxPending = 100_000
        try await TestServer.run(options) { server in
            server.main.on("flood") { socket, _ in
                for _ in 0..<2000 { try socket.emit("news", String(repeating: "x", count: 20_000)) }
            }
        } test: { server in
            let talker = try await server.join()
            talker.send(#"2["\#(String(repeating: "x", count: 1000))"]"#)
            _ = try await talker.end()
            try await eventually { await server.server.status.sessions == 0 }
            #expect(await Self.refusals(of: server) == ["payload": 1])
            let deaf = try await server.join()
            deaf.send(#"2["flood"]"#)
            try await eventually { await Self.refusals(of: server)["pending"] != nil }
            #expect(await Self.refusals(of: server) == ["payload": 1, "pending": 1])
            #expect(await server.server.workerSamples.number(.endedConnections, "transport_error") == 2)
            withExtendedLifetime(deaf) {}
        }
    }

    @Test("a CONNECT over the number of namespaces is not counted as an invalid packet")
    func namespaces() async throws {
        var options = ServerOptions()
        options.maxNamespaces = 1
        try await TestServer.run(options) { server in
            _ = server.server.of("/one")
            _ = server.server.of("/two")
        } test: { server in
            let client = try await server.join()
            client.send("0/one,")
            _ = try await client.next()
            client.send("0/two,")
            _ = try await client.end()
            #expect(await Self.refusals(of: server) == ["namespaces": 1])
        }
    }

    @Test("refusals are counted by reason")
    func refusals() async throws {
        try await TestServer.run { server in
            for (target, host) in [("/x", "foreign.example"), ("/socket.io/?EIO=3&transport=polling", "localhost")] {
                let connection = try TestConnection(port: server.port)
                connection.send("GET \(target) HTTP/1.1\r\nHost: \(host)\r\n\r\nx y\r\n\r\n".utf8)
            }
            let client = try await server.join()
            client.send("x")
            _ = try await client.end()
            try await eventually { await server.server.status.http.refusals == 3 }
            let samples = await server.server.workerSamples
            let refused = ["host", "http_400", "unsupported_version", "packet", "unknown_session", "descriptors"].map {
                samples.number(.refusals, $0)
            }
            #expect(refused == [1, 2, 1, 1, 0, 0])
        }
    }

    @Test("a refusal by a limit of addresses and one of a host count under one reason each")
    func oneReason() async throws {
        let rate = RateLimit(perSecond: 1, burst: 1)
        let options = ServerOptions(addressLimits: AddressLimits(handshakes: rate))
        try await TestServer.run(options) { server in
            for _ in 0..<3 {
                _ = try await TestRequest.answer(to: AddressLimitTests.target, port: server.port, from: "192.0.2.1")
            }
            let connection = try TestConnection(port: server.port)
            connection.send("\(AddressLimitTests.target) HTTP/1.1\r\nHost: foreign.example\r\n\r\n".utf8)
            try await eventually { await server.server.status.http.refusals == 1 }
            let samples = await server.server.workerSamples
            #expect(samples.number(.refusals, "handshake_rate") == 2 && samples.number(.refusals, "host") == 1)
            #expect(samples.number(.refusals, "forbidden") == 0)
        }
    }

    @Test("clients that do not enter a namespace are counted and reported by reason", arguments: [false, true])
    func refusedClients(isSlow: Bool) async throws {
        @Sendable func identify(_ handshake: Handshake) throws -> ClientIdentity {
            switch handshake.auth?["user"]?.string {
            case "unknown": throw IdentityUnavailable()
            case "busy": throw IdentityUnavailable(isBusy: true)
            case "broken": throw CancellationError()
            case let user?: return ClientIdentity(id: user)
            case nil: throw TokenError.audience.connectError
            }
        }
        try await TestServer.run(ServerOptions(maxAuth: 100)) { server in
            if isSlow {
                server.main.identify { handshake async throws in
                    await Task.yield()
                    return try identify(handshake)
                }
            } else {
                server.main.identify { try identify($0) }
            }
            server.main.admit { if $0.identity?.id == "banned" { throw ConnectError("banned") } }
            server.main.use { if $0.identity?.id == "rude" { throw ConnectError("no") } }
        } test: { server in
            let users = ["unknown", "busy", "broken", "banned", "rude", String(repeating: "x", count: 100)]
            for packet in ["0", "0/nowhere,"] + users.map({ #"0{"user":"\#($0)"}"# }) {
                let client = try await server.connect()
                client.send(packet)
            }
            _ = try await server.join(auth: #"{"user":"ada"}"#)
            try await eventually { server.refusals.all.count == 8 }
            let samples = await server.server.workerSamples
            let counts = RefusedClient.Reason.allCases.map { samples.number(.refusals, $0.rawValue) }
            #expect(counts == [2, 2, 1, 1, 1, 0, 1])
            #expect(
                server.refusals.all.sorted()
                    == [
                        #""/": it is banned"#, #""/": it is unknown who the client is"#,
                        #""/": it is unknown who the client is"#, #""/": its auth is too large"#,
                        #""/": it was not identified"#, #""/": its token is for another audience"#,
                        #""/": the middleware refused it"#, #""/nowhere": it may not enter this namespace"#,
                    ].map { "refused a client from 127.0.0.1 in \($0)" }.sorted())
        }
    }

    @Test("health checks are answered with one word, and other methods are refused")
    func health() async throws {
        try await TestServer.run { server in
            server.server.serveHealth()
        } test: { server in
            for (request, status, body) in [
                ("GET /healthz", "200", "ok"), ("HEAD /healthz", "200", ""), ("GET /readyz", "200", "ok"),
                ("POST /healthz", "405", ""), ("DELETE /readyz", "405", ""), ("GET /metrics", "404", "nothing is here"),
            ] {
                let answer = try await TestRequest.answer(to: request, port: server.port)
                #expect(answer.hasPrefix("HTTP/1.1 \(status) ") && answer.hasSuffix("\r\n\r\n\(body)"), "\(request)")
            }
            server.server.sources.setReadiness { .store }
            let answer = try await TestRequest.answer(to: "GET /readyz", port: server.port)
            #expect(answer.hasPrefix("HTTP/1.1 503 ") && answer.hasSuffix("\r\n\r\nstore"))
        }
    }

    @Test("the page of a server without a process of its own has what the worker side measures")
    func page() async throws {
        try await TestServer.run { server in
            _ = try await server.join()
            let page = await server.server.metrics()
            #expect(page.contains("\nchatd_connections{transport=\"websocket\"} 1\n"))
            #expect(!page.contains("chatd_store_up"))
        }
    }
}
