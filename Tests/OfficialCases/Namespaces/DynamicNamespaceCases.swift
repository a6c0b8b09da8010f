import Cluster
import SocketTesting
import Testing

@Suite("Dynamic namespaces")
struct DynamicNamespaceCases {
    private static func setUpPattern(_ io: SocketServer, _ notes: CaseNotes) {
        let parent = io.of(matching: /\/dynamic-\d+/)
        parent.use { socket in
            guard socket.handshake.auth?["isRefused"] == nil else { throw ConnectError("refused") }
        }
        parent.onConnection { socket in try socket.emit("hello", 1, socket.namespace.name) }
        parent.on("join") { (socket, room: String) in socket.join(room) }
        parent.on("to room") { (socket, room: String) in socket.to(room).emit("a") }
        io.on("to all") { (_, text: String) in try parent.emit("to all", text) }
    }

    private func refusal(_ server: CaseServer, _ name: String, auth: JSONText? = nil) async -> String? {
        await #expect(throws: ConnectError.self) { try await server.connect(name, auth: auth) }?.message
    }

    @Test("a client connects to a name that matches the pattern", arguments: Deployment.allCases)
    func pattern(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment, setUp: Self.setUpPattern) { server in
            for client in try await server.connect(2, "/dynamic-101") {
                let (number, name): (Int, String) = try await client.expect("hello")
                #expect(number == 1 && name == "/dynamic-101")
            }
        }
    }

    @Test(
        "a name that does not match the whole pattern is refused", arguments: Deployment.allCases,
        ["/dynamic-", "/dynamic-1a", "/a/dynamic-1", "/Dynamic-1"])
    func otherName(_ deployment: Deployment, name: String) async throws {
        try await CaseServer.run(deployment, setUp: Self.setUpPattern) { server in
            #expect(await refusal(server, name) == "Invalid namespace")
        }
    }

    @Test("a function decides by the name and the auth", arguments: Deployment.allCases)
    func function(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment) { io, _ in
            _ = io.of { name, auth in name == "/dynamic-101" && auth?["token"]?.string == "abcd" }
        } test: { server in
            for _ in 0..<deployment.workerCount {
                #expect(await refusal(server, "/dynamic-101", auth: ["token": "efgh"]) == "Invalid namespace")
            }
            for _ in 0..<deployment.workerCount {
                #expect(await refusal(server, "/dynamic-102", auth: ["token": "abcd"]) == "Invalid namespace")
            }
            try await server.connect("/dynamic-101", auth: ["token": "abcd"])
        }
    }

    @Test("a function can be asynchronous", arguments: Deployment.allCases)
    func asynchronous(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment) { io, _ in
            _ = io.of { name, _ async throws in
                for _ in 0..<10 { await Task.yield() }
                return name == "/dynamic-101"
            }
        } test: { server in
            #expect(await refusal(server, "/dynamic-102") == "Invalid namespace")
            try await server.connect(2, "/dynamic-101")
            #expect(try await server.io.of("/dynamic-101").allSockets().count == 2)
        }
    }

    @Test("a function that throws refuses the client with its error", arguments: Deployment.allCases)
    func throwing(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment) { io, _ in
            _ = io.of { (_, _) throws -> Bool in throw ConnectError("closed today") }
        } test: { server in
            #expect(await refusal(server, "/any") == "closed today")
        }
    }

    @Test("the first parent that allows a name has the child", arguments: Deployment.allCases)
    func order(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment) { io, notes in
            io.of(matching: /\/a-\d/).onConnection { _ in notes.add("first") }
            io.of { name, _ in name.hasPrefix("/a") }.onConnection { _ in notes.add("second") }
            io.of { _, _ in true }.onConnection { _ in notes.add("third") }
        } test: { server in
            for name in ["/a-1", "/a-b", "/b"] { try await server.connect(name) }
            #expect(server.notes.all == ["first", "second", "third"])
        }
    }

    @Test("a namespace that exists already does not ask the parents", arguments: Deployment.allCases)
    func existing(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment) { io, notes in
            io.of("/dynamic-1").onConnection { _ in notes.add("its own handler") }
            io.of(matching: /\/dynamic-\d/).onConnection { _ in notes.add("the parent's handler") }
        } test: { server in
            try await server.connect("/dynamic-1")
            #expect(server.notes.all == ["its own handler"])
        }
    }

    @Test("the middleware of the parent protects its children", arguments: Deployment.allCases)
    func middleware(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment, setUp: Self.setUpPattern) { server in
            #expect(await refusal(server, "/dynamic-1", auth: ["isRefused": true]) == "refused")
            _ = server.io.of("/dynamic-2")
            let client = try server.test.client()
            let error = await #expect(throws: ConnectError.self) {
                try await client.connect("/dynamic-2", auth: ["isRefused": true])
            }
            #expect(error?.message == "refused", "also of a child that the program has created")
        }
    }

    @Test("the parent emits to the sockets of all its children", arguments: Deployment.allCases)
    func parentEmit(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment, setUp: Self.setUpPattern) { server in
            let other = try await server.connect()
            var children: [TestSocket] = []
            for number in 1...3 { children.append(try await server.connect("/dynamic-\(number)")) }
            try other.emit("to all", "news")
            for child in children { #expect(try await child.expect("to all") == "news") }
            try await other.expectNothing()
        }
    }

    @Test("each child has rooms of its own", arguments: Deployment.allCases)
    func rooms(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment, setUp: Self.setUpPattern) { server in
            let members = try await server.connect(2, "/dynamic-1")
            let other = try await server.connect("/dynamic-2")
            for client in members + [other] {
                try await client.emitWithAcknowledgement("join", [.json("room")])
                try await client.expect("hello")
            }
            try members[0].emit("to room", "room")
            try await members[1].expect("a")
            try await members[0].expectNothing()
            try await other.expectNothing()
        }
    }

    @Test("each new namespace is announced, except the main one", arguments: Deployment.allCases)
    func announcement(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment) { io, notes in
            io.onNewNamespace { notes.add($0.name) }
            _ = io.of("/static")
            _ = io.of { _, _ in true }
        } test: { server in
            try await server.connect()
            try await server.connect(2 * deployment.workerCount, "/dynamic")
            let announced = ["/static", "/dynamic"].flatMap {
                [String](repeating: $0, count: deployment.workerCount)
            }
            #expect(server.notes.all == announced, "once in each worker")
        }
    }

    @Test("a child without clients stays or goes, as the options say", arguments: Deployment.allCases, [false, true])
    func removal(_ deployment: Deployment, removes: Bool) async throws {
        try await CaseServer.run(deployment, ServerOptions(removesEmptyNamespaces: removes)) { io, notes in
            io.onNewNamespace { notes.add($0.name) }
            _ = io.of { _, _ in true }
        } test: { server in
            for _ in 0..<2 {
                let client = try await server.test.connect("/dynamic")
                client.disconnect()
                try await server.test.settle()
            }
            #expect(server.notes.all == [String](repeating: "/dynamic", count: removes ? 2 : 1))
        }
    }
}
