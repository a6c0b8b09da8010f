import TestSupport
import Testing

@testable import Transport

@Suite("allowRequest: checks of the requests that open sessions")
struct AllowRequestTests {
    /// Options whose check refuses requests without a token, and adds a header.
    private func options(isAsynchronous: Bool) -> EngineOptions {
        let check: @Sendable (inout EngineRequest) throws -> Void = { request in
            try request.responseHeaders.set("X-Address", request.address)
            guard request.head.headers["x-token"] == "1" else { throw EngineRefusal("no \"token\"\n") }
        }
        var options = EngineOptions()
        if isAsynchronous {
            options.allowRequest { request in
                await Task.yield()
                try check(&request)
            }
        } else {
            options.allowRequest(check)
        }
        return options
    }

    @Test("a refused request gets 403 with the hook's message and headers, and is reported", arguments: [false, true])
    func refused(isAsynchronous: Bool) async throws {
        try await EngineFixture.run(options(isAsynchronous: isAsynchronous)) { server in
            let answer = try await server.answer()
            #expect(answer.hasPrefix("HTTP/1.1 403 Forbidden\r\n") && answer.contains("\r\nX-Address: 127.0.0.1\r\n"))
            #expect(answer.hasSuffix("\r\n\r\n" + #"{"code":4,"message":"no \"token\"\u000a"}"#))
            let head = try await server.handshake().head
            #expect(head.hasPrefix("HTTP/1.1 403 Forbidden\r\n"))
            #expect(await server.sessionCount == 0)
            let reports = server.refused
            #expect(reports.map(\.error) == [.forbidden, .forbidden] && reports.map(\.context) == [.hook, .hook])
            #expect(reports.map(\.message) == ["no \"token\"\n", "no \"token\"\n"])
            #expect(reports.map(\.request.transport) == [.polling, .webSocket])
        }
    }

    @Test("an allowed request opens a session, and its answer has the hook's headers", arguments: [false, true])
    func allowed(isAsynchronous: Bool) async throws {
        try await EngineFixture.run(options(isAsynchronous: isAsynchronous)) { server in
            let answer = try await server.answer(headers: ["X-Token: 1"])
            #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n") && answer.contains("\r\nX-Address: 127.0.0.1\r\n"))
            let (head, client) = try await server.handshake(headers: ["X-Token: 1"])
            #expect(head.hasPrefix("HTTP/1.1 101 Switching Protocols\r\n"))
            #expect(head.contains("\r\nX-Address: 127.0.0.1\r\n"))
            client.send(frame: "4hello")
            _ = try await client.read { $0.hasSuffix("4hello") }
            #expect(await server.sessionCount == 2)
        }
    }

    @Test("the check does not run for the requests of an open session, nor for one that is refused before")
    func openSession() async throws {
        let counted = Counter()
        var options = EngineOptions()
        options.allowRequest { _ in counted.add() }
        try await EngineFixture.run(options) { server in
            let target = "/socket.io/?EIO=4&transport=polling&sid=\(try await server.open())"
            #expect(try await server.answer("POST", target, body: "4a").hasSuffix("ok"))
            #expect(try await server.answer("GET", target).hasSuffix("4a"))
            _ = try await server.answer("GET", "/socket.io/?EIO=3&transport=polling")
            #expect(counted.value == 1)
        }
    }

    @Test("every check has to pass, in the order in which they were added")
    func several() async throws {
        let counted = Counter()
        var options = EngineOptions()
        options.allowRequest { request in
            await Task.yield()
            try request.responseHeaders.append("X-Order", "1")
        }
        options.allowRequest { request in
            try request.responseHeaders.append("X-Order", "2")
            throw EngineRefusal("second")
        }
        options.allowRequest { _ in counted.add() }
        try await EngineFixture.run(options) { server in
            let answer = try await server.answer()
            #expect(answer.contains("X-Order: 1\r\nX-Order: 2\r\n") && answer.contains("\"second\""))
            #expect(counted.value == 0)
        }
    }

    @Test("a check that takes too long is cancelled, and its request is answered with 503")
    func timeout() async throws {
        let cancelled = Counter()
        var options = EngineOptions()
        options.hookTimeout = .milliseconds(20)
        options.allowRequest { _ in await Self.waitForCancellation(cancelled) }
        try await EngineFixture.run(options) { server in
            #expect(try await server.answer().hasPrefix("HTTP/1.1 503 Service Unavailable\r\n"))
            try await eventually { cancelled.value == 1 }
            #expect(server.refused.map(\.context) == [.hookTimeout])
            #expect(await server.pendingAdmissions == 0)
        }
    }

    @Test("a check is cancelled if its client disconnects")
    func disconnect() async throws {
        let cancelled = Counter()
        var options = EngineOptions()
        options.allowRequest { _ in await Self.waitForCancellation(cancelled) }
        try await EngineFixture.run(options) { server in
            var client: EngineClient? = try EngineClient(port: server.port)
            client?.send(EngineClient.request("GET", "/socket.io/?EIO=4&transport=polling", headers: []))
            try await eventually { await server.pendingAdmissions == 1 }
            client = nil
            try await eventually { cancelled.value == 1 }
            #expect(await server.pendingAdmissions == 0)
            #expect(await server.sessionCount == 0)
        }
    }

    @Test("a server that closes cancels the checks and answers their requests with 503")
    func closing() async throws {
        let cancelled = Counter()
        var options = EngineOptions()
        options.allowRequest { _ in await Self.waitForCancellation(cancelled) }
        try await EngineFixture.run(options) { server in
            async let answer = server.answer()
            try await eventually { await server.pendingAdmissions == 1 }
            await server.closeAll()
            #expect(try await answer.hasPrefix("HTTP/1.1 503 "))
            try await eventually { cancelled.value == 1 }
            #expect(server.refused.map(\.context) == [.closing])
        }
    }

    @Test("a server that closes opens no more sessions")
    func closed() async throws {
        try await EngineFixture.run(EngineOptions()) { server in
            _ = try await server.open()
            await server.closeAll()
            #expect(try await server.answer().hasPrefix("HTTP/1.1 503 "))
            #expect(server.refused.map(\.context) == [.closing])
        }
    }

    /// Waits until the task is cancelled, and then adds to the counter.
    private static func waitForCancellation(_ counter: Counter) async {
        try? await Task.sleep(for: .seconds(60))
        if Task.isCancelled { counter.add() }
    }
}
