// docs: begin
import Cluster
import SocketTesting
import Testing

func makeServer() -> SocketServer {
    let server = SocketServer(ServerOptions(recovery: RecoveryOptions()))
    server.on("join") { (socket, room: String) in socket.join(room) }
    server.on("post") { (socket, room: String, text: String) in
        try socket.to(room).emit("post", text)
        return text.count
    }
    return server
}

@Test func aPostReachesTheRoom() async throws {
    try await withTestServer(makeServer()) { test in
        let ann = try await test.connect()
        let bob = try await test.connect()
        try bob.emit("join", "lobby")
        let length: Int = try await ann.call("post", "lobby", "hello")
        #expect(length == 5)
        let text: String = try await bob.expect("post")
        #expect(text == "hello")
        try await ann.expectNothing()
    }
}
// docs: end

// docs: begin
@Test func aClientGetsWhatItMissed() async throws {
    try await withTestServer(workers: 2, makeServer) { test in
        let ann = try await test.connect()
        let bob = try await test.connect(worker: 1)
        try await bob.emitWithAcknowledgement("join", "lobby")
        bob.client.loseConnection()
        let _: Int = try await ann.call("post", "lobby", "hello")
        try await test.advance(by: .seconds(30))
        try await bob.reconnect(worker: 0)
        #expect(bob.isRecovered)
        #expect(try await bob.expect("post") == "hello")
    }
}
// docs: end
