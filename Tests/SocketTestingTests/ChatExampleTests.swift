import Cluster
import SocketTesting
import Testing

/// The server of this example: a chat with rooms, for clients with a token.
private func makeChat() -> SocketServer {
    let server = SocketServer(ServerOptions(recovery: RecoveryOptions()))
    let chat = server.of("/chat")
    chat.use { socket in
        guard let token = socket.handshake.auth?["token"]?.string else {
            throw ConnectError("no token", data: ["code": 401])
        }
        socket.setData(JSONText(string: token))
    }
    chat.on("join") { (socket, room: String) in
        socket.join(room)
        socket.to(room).emit("joined", [.json(socket.data ?? .null)])
    }
    chat.on("message") { (socket, room: String, text: String) in
        try socket.to(room).emit("message", text)
        return text.count
    }
    chat.on("poll me") { (socket) async throws -> String in
        let answer: String = try await socket.call("are you there", "?", timeout: .seconds(2))
        return "you said \(answer)"
    }
    return server
}

@Suite("A chat, tested as its users test it")
struct ChatExampleTests {
    @Test("a message goes to the room and is acknowledged")
    func message() async throws {
        try await withTestServer(makeChat()) { test in
            let alice = try await test.connect("/chat", auth: ["token": "alice"])
            let bob = try await test.connect("/chat", auth: ["token": "bob"])
            try alice.emit("join", "swift")
            try bob.emit("join", "swift")
            #expect(try await alice.expect("joined") == "bob")

            let count: Int = try await alice.call("message", "swift", "hello")
            #expect(count == 5)
            let text: String = try await bob.expect("message")
            #expect(text == "hello")
            try await alice.expectNothing()
        }
    }

    @Test("a client without a token is refused")
    func refusal() async throws {
        try await withTestServer(makeChat()) { test in
            let error = await #expect(throws: ConnectError.self) { try await test.connect("/chat") }
            #expect(error?.message == "no token")
            #expect(error?.data?["code"]?.integer == 401)
        }
    }

    @Test("the server asks a client")
    func question() async throws {
        try await withTestServer(makeChat()) { test in
            let alice = try await test.connect("/chat", auth: ["token": "alice"])
            alice.on("are you there") { (mark: String) in "yes\(mark)" }
            #expect(try await alice.call("poll me") == "you said yes?")
        }
    }

    @Test("a client that lost its connection gets what it missed")
    func recovery() async throws {
        try await withTestServer(makeChat()) { test in
            let alice = try await test.connect("/chat", auth: ["token": "alice"])
            let bob = try await test.connect("/chat", auth: ["token": "bob"])
            try alice.emit("join", "swift")
            try bob.emit("join", "swift")
            try await alice.expect("joined")
            try await alice.emitWithAcknowledgement("message", [.json("swift"), .json("one")])
            try await bob.expect("message")

            bob.client.loseConnection()
            try await alice.emitWithAcknowledgement("message", [.json("swift"), .json("two")])
            try await bob.reconnect()
            #expect(bob.isRecovered)
            #expect(try await bob.expect("message") == "two")
        }
    }

    @Test("workers share their rooms")
    func workers() async throws {
        try await withTestServer(workers: 2, makeChat) { test in
            let alice = try await test.connect("/chat", auth: ["token": "alice"])
            let bob = try await test.connect("/chat", auth: ["token": "bob"], worker: 1)
            try await bob.emitWithAcknowledgement("join", [.json("swift")])
            try alice.emit("join", "swift")
            try await bob.expect("joined")
            try alice.emit("message", "swift", "hello")
            #expect(try await bob.expect("message") == "hello")
        }
    }
}
