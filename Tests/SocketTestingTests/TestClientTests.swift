import Cluster
import SocketTesting
import Testing

@Suite("The client of a test")
struct TestClientTests {
    @Test("a wait that takes too long names the events that arrived instead")
    func timeout() async throws {
        let server = SocketServer()
        server.on("start") { (socket) in
            try socket.emit("other", 1, "two")
            return true
        }
        try await withTestServer(server) { test in
            let client = try await test.connect()
            let _: Bool = try await client.call("start")
            let error = await #expect(throws: TestError.self) {
                try await client.expect("expected", timeout: .milliseconds(20))
            }
            #expect(error?.description == #"expected did not arrive in time; arrived: other(1,"two")"#)
            #expect(try await client.expect("other") == (1, "two"))
        }
    }

    @Test("a missing acknowledgement is an error")
    func noAcknowledgement() async throws {
        let server = SocketServer()
        server.on("silent") { _, event in #expect(event.acknowledgement != nil) }
        try await withTestServer(server) { test in
            let client = try await test.connect()
            await #expect(throws: TestError.self) {
                try await client.emitWithAcknowledgement("silent", timeout: .milliseconds(20))
            }
        }
    }

    @Test("a disconnection ends a wait, with its reason")
    func disconnection() async throws {
        let server = SocketServer()
        server.on("leave") { socket in socket.disconnect() }
        try await withTestServer(server) { test in
            let client = try await test.connect()
            try client.emit("leave")
            let error = await #expect(throws: TestError.self) { try await client.expect("news") }
            guard case .disconnected("news", .byServer, []) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(try await client.expectDisconnect() == .byServer)
            #expect(throws: TestError.self) { try client.emit("more") }
        }
    }

    @Test("an event that arrives where nothing is expected is an error")
    func nothing() async throws {
        let server = SocketServer()
        server.on("ask") { socket in socket.emit("answer") }
        try await withTestServer(server) { test in
            let client = try await test.connect()
            try await client.expectNothing()
            try client.emit("ask")
            await #expect(throws: TestError.self) { try await client.expectNothing() }
            try await client.expectNothing("other")
            try await client.expect("answer")
            try await client.expectNothing()
        }
    }

    @Test("of the events that are not expected, the latest 10 000 are kept")
    func bound() async throws {
        let server = SocketServer()
        server.on("count") { socket in
            for number in 0...TestSocket.maxWaiting { try socket.emit("number", number) }
            return true
        }
        try await withTestServer(server) { test in
            let client = try await test.connect()
            let _: Bool = try await client.call("count")
            #expect(try await client.expect("number") == 1)
        }
    }

    @Test("binary data and nested values pass in both directions")
    func binary() async throws {
        struct Picture: Codable, Equatable, Sendable {
            var name: String
            var bytes: [UInt8]
        }
        let server = SocketServer()
        server.on("picture") { (socket, picture: Picture) in
            try socket.emit("copy", picture, [UInt8](repeating: 7, count: 70_000))
            return picture.bytes
        }
        try await withTestServer(server) { test in
            let client = try await test.connect()
            let picture = Picture(name: "a", bytes: [0, 255])
            let bytes: [UInt8] = try await client.call("picture", picture)
            #expect(bytes == [0, 255])
            let (copy, large): (Picture, [UInt8]) = try await client.expect("copy")
            #expect(copy == picture)
            #expect(large.count == 70_000)
        }
    }

    @Test("handlers take up to three values, and without one the events wait")
    func handlers() async throws {
        let server = SocketServer()
        server.on("ask") { (socket, name: String, count: Int) async throws -> Int in
            let values = Arguments((0..<count).map { .json(JSONText(integer: $0 + 1)) })
            return try await socket.emitWithAcknowledgement(name, values, timeout: .seconds(5)).decode()
        }
        server.on("tell") { socket in socket.emit("news") }
        try await withTestServer(server) { test in
            let client = try await test.connect()
            client.on("none") { 10 }
            client.on("one") { (a: Int) in a }
            client.on("two") { (a: Int, b: Int) in a + b }
            client.on("three") { (a: Int, b: Int, c: Int) in a + b + c }
            var answers: [Int] = []
            for (count, name) in ["none", "one", "two", "three"].enumerated() {
                answers.append(try await client.call("ask", name, count))
            }
            #expect(answers == [10, 1, 3, 6])

            client.onRaw("news") { _ in nil }
            try client.emit("tell")
            try await client.expectNothing()
            client.off("news")
            try client.emit("tell")
            try await client.expect("news")
        }
    }

    @Test("the handler that fails is named by the next error")
    func failedHandler() async throws {
        let server = SocketServer()
        server.on("ask me") { (socket) async throws -> Bool in
            do {
                let _: Int = try await socket.call("age", "text", timeout: .milliseconds(20))
            } catch {
                return false
            }
            return true
        }
        try await withTestServer(server) { test in
            let client = try await test.connect()
            client.on("age") { (number: Int) in number }
            let wasAnswered: Bool = try await client.call("ask me")
            #expect(!wasAnswered)
            let error = await #expect(throws: TestError.self) { try await client.expectNothing() }
            #expect(error?.description.contains("the handler of age failed") == true)
        }
    }

    @Test("one client joins several namespaces over one connection")
    func namespaces() async throws {
        let server = SocketServer()
        server.of("/news").on("read") { _ in "news" }
        server.of("/chat").on("read") { _ in "chat" }
        try await withTestServer(server) { test in
            let client = try test.client()
            let news = try await client.connect("/news")
            let chat = try await client.connect("/chat")
            #expect(try await news.call("read") == "news")
            #expect(try await chat.call("read") == "chat")
            #expect(await server.status.connections == 1)
            news.disconnect()
            #expect(try await chat.call("read") == "chat")
            await #expect(throws: TestError.self) { try await client.connect("/chat") }
            let error = await #expect(throws: ConnectError.self) { try await client.connect("/missing") }
            #expect(error?.message == "Invalid namespace")
        }
    }

    @Test("calls that join at the same time share one connection")
    func concurrentJoins() async throws {
        let server = SocketServer()
        for name in ["/a", "/b"] { server.of(name).on("read") { _ in name } }
        try await withTestServer(server) { test in
            let client = try test.client()
            async let first = client.connect("/a")
            async let second = client.connect("/b")
            let (a, b) = try await (first, second)
            #expect(try await a.call("read") == "/a")
            #expect(try await b.call("read") == "/b")
            #expect(await server.status.connections == 1)
        }
    }

    @Test("a call that gives up leaves the connection to the others")
    func givenUp() async throws {
        let server = SocketServer()
        for name in ["/a", "/b"] { server.of(name).on("read") { _ in name } }
        try await withTestServer(server) { test in
            for _ in 0..<20 {
                let client = try test.client()
                let cancelled = Task { try await client.connect("/a") }
                async let other = client.connect("/b")
                cancelled.cancel()
                _ = await cancelled.result
                #expect(try await other.call("read") == "/b")
            }
        }
    }

    @Test("a worker that does not exist is an error")
    func noWorker() async throws {
        try await withTestServer(SocketServer()) { test in
            await #expect(throws: TestError.self) { try await test.connect(worker: 1) }
        }
    }

    @Test("a wait ends when its task is cancelled")
    func cancellation() async throws {
        try await withTestServer(SocketServer()) { test in
            let client = try await test.connect()
            let task = Task { try await client.expect("never", timeout: .seconds(60)) }
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
        }
    }
}
