import TestSupport
import Testing

@testable import Transport

@Suite("Engine.IO middleware: checks of every request")
struct MiddlewareTests {
    private static let polling = "/socket.io/?EIO=4&transport=polling"

    private struct Mistake: Error {}

    /// Adds a check as synchronous or asynchronous middleware.
    private func options(
        isAsynchronous: Bool, _ check: @escaping @Sendable (inout EngineRequest) throws -> Void
    ) -> EngineOptions {
        var options = EngineOptions()
        if isAsynchronous {
            options.use { request in
                await Task.yield()
                try check(&request)
            }
        } else {
            options.use(check)
        }
        return options
    }

    @Test(
        "middleware sees every request, also refused ones, and each answer has its headers", arguments: [false, true])
    func everyRequest(isAsynchronous: Bool) async throws {
        let counted = Counter()
        let options = options(isAsynchronous: isAsynchronous) { request in
            counted.add()
            try request.responseHeaders.set("x-seen", request.sessionID == nil ? "new" : "open")
        }
        try await EngineFixture.run(options) { server in
            let id = try await server.open()
            let target = Self.polling + "&sid=\(id)"
            let post = try await server.answer("POST", target, body: "4a")
            #expect(post.contains("\r\nx-seen: open\r\n") && post.hasSuffix("\r\n\r\nok"))
            let poll = try await server.answer("GET", target)
            #expect(poll.contains("\r\nx-seen: open\r\n") && poll.hasSuffix("\r\n\r\n4a"))
            let head = try await server.handshake("/socket.io/?EIO=4&transport=websocket&sid=\(id)").head
            #expect(head.hasPrefix("HTTP/1.1 101 ") && head.contains("\r\nx-seen: open\r\n"))
            let refused = try await server.answer("GET", "/socket.io/?EIO=4&transport=none")
            #expect(refused.hasPrefix("HTTP/1.1 400 ") && refused.contains("\r\nx-seen: new\r\n"))
            #expect(counted.value == 5)
        }
    }

    @Test("a POST whose body arrives in pieces passes the middleware once", arguments: [false, true])
    func pieces(isAsynchronous: Bool) async throws {
        let counted = Counter()
        let options = options(isAsynchronous: isAsynchronous) { request in
            if request.head.method == .post { counted.add() }
        }
        try await EngineFixture.run(options) { server in
            let target = Self.polling + "&sid=\(try await server.open())"
            let client = try EngineClient(port: server.port)
            client.send("POST \(target) HTTP/1.1\r\nHost: localhost\r\nContent-Length: 6\r\n\r\n4a")
            try await eventually { counted.value == 1 }
            client.send("bcde")
            _ = try await client.read { $0.hasSuffix("\r\n\r\nok") }
            #expect(try await server.answer("GET", target).hasSuffix("4abcde"))
            #expect(counted.value == 1)
        }
    }

    @Test("a POST that middleware refuses when its body begins does not reach its session", arguments: [false, true])
    func refusedPost(isAsynchronous: Bool) async throws {
        let options = options(isAsynchronous: isAsynchronous) { request in
            if request.head.headers["x-bad"] != nil { throw EngineRefusal("bad") }
        }
        try await EngineFixture.run(options) { server in
            let target = Self.polling + "&sid=\(try await server.open())"
            let client = try EngineClient(port: server.port)
            client.send("POST \(target) HTTP/1.1\r\nHost: localhost\r\nX-Bad: 1\r\nContent-Length: 6\r\n\r\n4a")
            #expect(try await client.readToEnd().hasPrefix("HTTP/1.1 403 "))
            #expect(try await server.answer("POST", target, body: "4good").hasSuffix("ok"))
            #expect(try await server.answer("GET", target).hasSuffix("4good"))
        }
    }

    @Test("middleware may answer in place of the server", arguments: [false, true])
    func ownAnswer(isAsynchronous: Bool) async throws {
        let options = options(isAsynchronous: isAsynchronous) { request in
            guard request.head.headers["authorization"] != nil else {
                throw EngineRefusal(response: .text(.tooManyRequests, "later"))
            }
        }
        try await EngineFixture.run(options) { server in
            let answer = try await server.answer()
            #expect(answer.hasPrefix("HTTP/1.1 429 ") && answer.hasSuffix("\r\n\r\nlater"))
            #expect(server.refused.map(\.message) == ["answered with 429"])
            #expect(try await server.answer(headers: ["Authorization: x"]).hasPrefix("HTTP/1.1 200 "))
        }
    }

    @Test("any other error is reported and answered with 400 and code 3", arguments: [false, true])
    func failed(isAsynchronous: Bool) async throws {
        try await EngineFixture.run(options(isAsynchronous: isAsynchronous) { _ in throw Mistake() }) { server in
            let answer = try await server.answer()
            #expect(answer.hasPrefix("HTTP/1.1 400 ") && answer.hasSuffix(#"{"code":3,"message":"Bad request"}"#))
            #expect(server.refused.map(\.context) == [.hookFailed("Mistake()")])
        }
    }

    @Test("header functions run for the first answer and for every answer, but not for refusals")
    func headers() async throws {
        var options = EngineOptions()
        options.onHeaders { headers, request in
            try headers.append("X-All", request.sessionID == nil ? "first" : "later")
        }
        options.onInitialHeaders { headers, _ in
            try headers.append("X-Initial", "1")
            try headers.set("Cache-Control", "private")
        }
        try await EngineFixture.run(options) { server in
            let first = try await server.answer()
            #expect(first.contains("\r\nX-Initial: 1\r\nCache-Control: private\r\nX-All: first\r\n"))
            #expect(!first.contains("no-store"))
            let id = try #require(first.firstMatch(of: /"sid":"([^"]+)"/)).1
            let post = try await server.answer("POST", Self.polling + "&sid=\(id)", body: "4a")
            #expect(post.contains("\r\nX-All: later\r\n") && !post.contains("X-Initial"))
            let webSocket = try await server.handshake().head
            #expect(webSocket.contains("\r\nX-Initial: 1\r\n") && webSocket.contains("\r\nX-All: first\r\n"))
            #expect(try await server.answer("GET", "/socket.io/?EIO=3&transport=polling").contains("X-") == false)
        }
    }

    @Test("a header function that fails refuses the request, and a begun POST leaves its session usable by a repeat")
    func failingHeaders() async throws {
        let failures = Counter()
        let begun = Counter()
        var options = EngineOptions()
        options.use { request in
            if request.head.method == .post { begun.add() }
        }
        options.onHeaders { headers, request in
            guard request.head.method == .post, failures.value == 0 else { return }
            failures.add()
            try headers.set("X-Injected", "a\r\nSet-Cookie: b")
        }
        try await EngineFixture.run(options) { server in
            let target = Self.polling + "&sid=\(try await server.open())&t=1"
            let client = try EngineClient(port: server.port)
            client.send("POST \(target) HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\n4a")
            try await eventually { begun.value == 1 }
            client.send("b")
            let answer = try await client.read { $0.hasSuffix("}") }
            #expect(answer.hasPrefix("HTTP/1.1 400 ") && !answer.contains("Set-Cookie"))
            #expect(
                server.refused.map(\.context) == [
                    .hookFailed("the value of the header X-Injected has a control character")
                ])
            #expect(try await server.answer("POST", target, body: "4ab").hasSuffix("ok"))
            #expect(try await server.answer("GET", target).hasSuffix("4ab"))
        }
    }
}
