import Cluster
import SocketTesting
import Testing

@Suite("Middleware of sockets")
struct SocketMiddlewareCases {
    @Test("every function runs before the handlers of the event", arguments: Deployment.allCases)
    func runs(_ deployment: Deployment) async throws {
        // In Node a function may change the event. Ours sees the event and may refuse it.
        try await CaseServer.run(deployment) { io, notes in
            io.onConnection { socket in
                socket.use { _, event in notes.add("1 \(event.name) \(event.arguments.count)") }
                socket.use { _, event in notes.add("2 \(event.name)") }
            }
            io.on("join") { (_, room: String) in notes.add("join \(room)") }
        } test: { server in
            let client = try await server.connect()
            try await client.emitWithAcknowledgement("join", [.json("woot")])
            #expect(server.notes.all == ["1 join 1", "2 join", "join woot"])
        }
    }

    @Test("an error refuses the event, and its handlers get it", arguments: Deployment.allCases)
    func passesErrors(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment) { io, notes in
            io.onConnection { socket in
                socket.use { _, _ in throw ConnectError("Authentication error") }
                socket.use { _, _ in notes.add("nope") }
                socket.onError { _, error in notes.add((error as? ConnectError)?.message ?? "?") }
            }
            io.on("join") { _ in notes.add("nope") }
        } test: { server in
            let client = try await server.connect()
            try client.emit("join")
            try await server.test.settle()
            #expect(server.notes.all == ["Authentication error"])
        }
    }

    @Test("without a handler of errors, the error is reported", arguments: Deployment.allCases)
    func reports(_ deployment: Deployment) async throws {
        struct Refused: Error {}
        try await CaseServer.run(deployment) { io, _ in
            io.onConnection { socket in socket.use { _, _ in throw Refused() } }
        } test: { server in
            let client = try await server.connect()
            try client.emit("join")
            try await server.test.settle()
            #expect(server.notes.all == ["report: Refused() in /"])
        }
    }

    @Test("a function can be asynchronous", arguments: Deployment.allCases)
    func asynchronous(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment) { io, notes in
            io.onConnection { socket in
                socket.use { (_, event) async throws in
                    for _ in 0..<5 { await Task.yield() }
                    notes.add("checked \(event.name)")
                }
            }
            io.on("a") { _ in notes.add("a") }
            io.on("b") { _ in notes.add("b") }
        } test: { server in
            let client = try await server.connect()
            try client.emit("a")
            try await client.emitWithAcknowledgement("b")
            #expect(server.notes.all == ["checked a", "a", "checked b", "b"])
        }
    }

    @Test("functions concern their own socket only", arguments: Deployment.allCases)
    func separate(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment) { io, notes in
            io.onConnection { socket in
                if socket.handshake.auth != nil { socket.use { _, _ in throw ConnectError("no") } }
                socket.onError { _, _ in notes.add("refused") }
            }
            io.on("a") { _ in notes.add("a") }
        } test: { server in
            try await server.connect(auth: ["strict": true]).emit("a")
            try await server.test.settle()
            try await server.connect().emit("a")
            try await server.test.settle()
            #expect(server.notes.all == ["refused", "a"])
        }
    }
}
