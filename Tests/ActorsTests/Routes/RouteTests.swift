import Testing

@testable import Actors
@testable import Transport

@Suite("Routes of the application", .overDirectLink)
struct RouteTests {
    private struct Book: Codable {
        let title: String
    }

    private struct Broken: Error {}

    @Test("functions answer the methods of a path, at once or after a wait")
    func methods() async throws {
        let gate = Gate()
        try await TestServer.run { server in
            server.server.get("/now") { _ in .text(.ok, "at once") }
            server.server.get("/later") { _ in
                await gate.pass()
                return .text(.ok, "after a wait")
            }
            server.server.post("/books") { request in
                try .json(request.decode(Book.self).title, status: .created)
            }
            server.server.route(.put, "/books") { _ in HTTPResponse(status: .noContent) }
        } test: { server in
            #expect(try await Self.answer("GET /now", server) == "200 at once")
            async let later = Self.answer("GET /later?x=1", server)
            try await eventually { gate.count == 1 }
            gate.open()
            #expect(try await later == "200 after a wait")
            #expect(try await Self.answer("HEAD /now", server) == "200 ")
            #expect(try await Self.answer("POST /books", body: #"{"title":"Kim"}"#, server) == #"201 "Kim""#)
            #expect(try await Self.answer("POST /books", body: "7", server) == "400 the body is not the expected JSON")
            #expect(try await Self.answer("PUT /books", server) == "204 ")
            #expect(try await Self.answer("GET /nowhere", server) == "404 nothing is here")
            #expect(server.reports.all.isEmpty)
        }
    }

    @Test("a method without a function is refused with the allowed methods")
    func otherMethods() async throws {
        try await TestServer.run { server in
            server.server.get("/a") { _ in .text(.ok, "a") }
            server.server.route(.delete, "/a") { _ in .text(.ok, "deleted") }
        } test: { server in
            for (method, status) in [("POST", "405"), ("OPTIONS", "204")] {
                let answer = try await TestRequest.answer(to: "\(method) /a", port: server.port)
                #expect(answer.hasPrefix("HTTP/1.1 \(status) "))
                #expect(answer.contains("\r\nAllow: DELETE, GET, HEAD, OPTIONS\r\n"))
            }
        }
    }

    @Test("an error is reported and answered with 500; a refusal is answered as it is")
    func errors() async throws {
        try await TestServer.run { server in
            server.server.get("/sync") { _ in throw Broken() }
            server.server.get("/async") { _ in
                await Task.yield()
                throw Broken()
            }
            server.server.get("/refused") { _ in throw HTTPRefusal(.unauthorized, "who are you") }
        } test: { server in
            let failed = "500 the server cannot answer this request"
            for (path, expected) in [("/sync", failed), ("/async", failed), ("/refused", "401 who are you")] {
                let answer = try await Self.answer("GET \(path)", server)
                #expect(answer == expected)
            }
            #expect(server.reports.all == ["route /sync failed: Broken()", "route /async failed: Broken()"])
        }
    }

    @Test("pipelined requests are answered in their order, each after the previous one")
    func pipelined() async throws {
        let (gate, notes) = (Gate(), Notes())
        try await TestServer.run { server in
            server.server.get("/slow") { _ in
                await gate.pass()
                return .text(.ok, "<slow>")
            }
            server.server.get("/fast") { _ in
                notes.add("fast")
                return .text(.ok, "<fast>")
            }
        } test: { server in
            let client = try TestConnection(port: server.port)
            var received: [UInt8] = []
            client.received = { received += $0 }
            for path in ["/slow", "/fast", "/slow"] {
                client.send("GET \(path) HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8)
            }
            try await eventually { gate.count == 1 }
            await TestMachine.current.wait(.seconds(1))
            #expect(notes.all.isEmpty && received.isEmpty)
            gate.open()
            await TestMachine.current.wait(.seconds(1))
            let parts = String(decoding: received, as: UTF8.self).split(separator: "<")
            let bodies = parts.dropFirst().map { $0.prefix(4) }
            #expect(bodies == ["slow", "fast", "slow"])
            client.close()
        }
    }

    @Test("the task is cancelled if the client leaves", arguments: [true, false])
    func abandoned(isReset: Bool) async throws {
        let notes = Notes()
        try await TestServer.run { server in
            Self.waitForCancellation(server, notes)
        } test: { server in
            let client = try TestConnection(port: server.port)
            client.send("GET /wait HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8)
            try await eventually { notes.all == ["started"] }
            if isReset { client.reset() } else { client.close() }
            try await eventually { notes.all == ["started", "cancelled"] }
            try await eventually { await server.server.status.connections == 0 }
            #expect(server.reports.all.isEmpty)
        }
    }

    @Test("the task is cancelled after its timeout; the client gets 503, and the operator a report")
    func timeout() async throws {
        let notes = Notes()
        try await TestServer.run { server in
            Self.waitForCancellation(server, notes)
        } test: { server in
            let start = TestMachine.current.now
            #expect(try await Self.answer("GET /wait", server) == "503 the server cannot answer this request")
            let time = TestMachine.current.now - start
            #expect(time >= .seconds(5) && time < .seconds(6))
            try await eventually { notes.all == ["started", "cancelled"] }
            #expect(server.reports.all == ["route /wait failed: no answer after 5.0 seconds"])
        }
    }

    @Test("closing the server cancels the task and answers with 503")
    func closed() async throws {
        let notes = Notes()
        try await TestServer.run { server in
            Self.waitForCancellation(server, notes)
        } test: { server in
            async let answer = Self.answer("GET /wait", server)
            try await eventually { notes.all == ["started"] }
            await server.server.close()
            #expect(try await answer == "503 the server is closing")
            #expect(notes.all == ["started", "cancelled"] && server.reports.all.isEmpty)
        }
    }

    @Test("an exchange can be answered after a wait; a second answer, or one without a client, has no effect")
    func exchange() async throws {
        let gate = Gate()
        try await TestServer.run { server in
            let loop = server.loop
            server.server.route("/exchange") { exchange in
                loop.startTask {
                    await gate.pass()
                    exchange.respond(.text(.ok, "to \(exchange.request.head.target) of \(exchange.peer)"))
                    exchange.respond(.text(.ok, "again"))
                }
            }
        } test: { server in
            let gone = try TestConnection(port: server.port)
            gone.send("GET /exchange HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8)
            try await eventually { gate.count == 1 }
            gone.reset()
            try await eventually { await server.server.status.connections == 0 }
            async let answer = Self.answer("GET /exchange?1", server)
            try await eventually { gate.count == 2 }
            gate.open()
            #expect(try await answer == "200 to /exchange?1 of 127.0.0.1")
            #expect(await server.server.status.http.responses == 1)
        }
    }

    @Test("a body over the limit is refused before the function is called")
    func largeBody() async throws {
        let notes = Notes()
        try await TestServer.run(ServerOptions(engine: EngineOptions(maxPayload: 100))) { server in
            server.server.post("/a") { request in
                notes.add("\(request.body.count)")
                return .text(.ok, "a")
            }
        } test: { server in
            for count in [100, 101] {
                let answer = try await Self.answer("POST /a", body: String(repeating: "x", count: count), server)
                #expect(answer.hasPrefix(count == 100 ? "200 " : "413 "))
            }
            #expect(notes.all == ["100"])
        }
    }

    /// Adds a route that waits until it is cancelled.
    private static func waitForCancellation(_ server: TestServer, _ notes: Notes) {
        server.server.get("/wait", timeout: .seconds(5)) { _ in
            notes.add("started")
            let (stream, continuation) = AsyncStream.makeStream(of: Never.self)
            for await _ in stream {}
            withExtendedLifetime(continuation) {}
            notes.add("cancelled")
            try Task.checkCancellation()
            return .text(.ok, "not cancelled")
        }
    }

    /// The status and the body of the answer to a request.
    private static func answer(
        _ methodAndTarget: String, body: String = "", _ server: TestServer
    ) async throws -> String {
        let answer = try await TestRequest.answer(to: methodAndTarget, body: body, port: server.port)
        let status = answer.split(separator: " ").dropFirst().first ?? ""
        return "\(status) \(answer.split(separator: "\r\n\r\n", maxSplits: 1).dropFirst().first ?? "")"
    }
}
