import Cluster
import SocketTesting
import Testing

@Suite("Events of sockets")
struct SocketEventCases {
    private static let doge = (0..<5000).map { UInt8(truncatingIfNeeded: $0 * 7) }

    @Test("the server receives events with several arguments", arguments: Deployment.allCases)
    func receives(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment) { io, notes in
            io.on("random") { (_, a: Int, b: String, c: [Int]) in notes.add("\(a) \(b) \(c)") }
        } test: { server in
            try await server.connect().emit("random", 1, "2", [3])
            try await server.test.settle()
            #expect(server.notes.all == ["1 2 [3]"])
        }
    }

    @Test("null is an argument", arguments: Deployment.allCases)
    func null(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment) { io, notes in
            io.on("message") { _, event in notes.add("\(event.arguments.count) \(event.arguments[0] == .json(.null))") }
            io.on("optional") { (_, text: String?) in notes.add(text ?? "nil") }
        } test: { server in
            let client = try await server.connect()
            try client.emit("message", [.json(.null)])
            try client.emit("optional", [.json(.null)])
            try client.emit("optional")
            try await server.test.settle()
            #expect(server.notes.all == ["1 true", "nil", "nil"])
        }
    }

    @Test("the server emits events", arguments: Deployment.allCases)
    func emits(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment) { io, _ in
            io.onConnection { socket in try socket.emit("woot", "tobi") }
        } test: { server in
            let client = try await server.connect()
            #expect(try await client.expect("woot") == "tobi")
        }
    }

    @Test(
        "multibyte characters arrive in both directions",
        arguments: ["utf8 — string", "😀🇨🇭", "\u{0}\u{1F}\"\\/\u{2028}"])
    func multibyte(text: String) async throws {
        try await CaseServer.run(.workers) { io, _ in
            io.on("echo") { (socket, text: String) in
                try socket.emit("hoot", text)
                return text
            }
        } test: { server in
            let client = try await server.connect()
            for _ in 0..<3 { #expect(try await client.call("echo", text) == text) }
            for _ in 0..<3 { #expect(try await client.expect("hoot") == text) }
        }
    }

    @Test("the server emits binary data", arguments: Deployment.allCases)
    func emitsBinary(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment) { io, _ in
            io.onConnection { socket in socket.emit("doge", [.binary(Self.doge)]) }
        } test: { server in
            let client = try await server.connect()
            #expect(try await client.expect("doge") == [.binary(Self.doge)])
        }
    }

    @Test("the server emits several types of data at once", arguments: Deployment.allCases)
    func emitsMixed(_ deployment: Deployment) async throws {
        struct Nested: Codable, Equatable, Sendable {
            var data: [UInt8]
            var text = "swag"
        }
        let short = Array("asdfasdf".utf8)
        try await CaseServer.run(deployment) { io, _ in
            io.onConnection { socket in
                try socket.emit("multiple", 1, Self.doge, "3", [4], short, Nested(data: short))
            }
        } test: { server in
            let arguments = try await server.connect().expect("multiple")
            #expect(arguments.count == 6)
            #expect(try arguments.decode(Int.self, at: 0) == 1)
            #expect(arguments[1] == .binary(Self.doge))
            #expect(try arguments.decode(String.self, at: 2) == "3")
            #expect(try arguments.decode([Int].self, at: 3) == [4])
            #expect(arguments[4] == .binary(short))
            #expect(try arguments.decode(Nested.self, at: 5) == Nested(data: short))
        }
    }

    @Test("the server receives binary data", arguments: Deployment.allCases)
    func receivesBinary(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment) { io, notes in
            io.on("buff") { _, event in notes.add("\(event.arguments == [.binary(Array("abcdefg".utf8))])") }
        } test: { server in
            try await server.connect().emit("buff", Array("abcdefg".utf8))
            try await server.test.settle()
            #expect(server.notes.all == ["true"])
        }
    }

    @Test("the server receives several types of data at once", arguments: Deployment.allCases)
    func receivesMixed(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment) { io, notes in
            io.on("multiple") { _, event in
                let arguments = event.arguments
                notes.add("\(arguments.count) \(arguments.attachments.count)")
                notes.add("\(try arguments.decode([[UInt8]].self, at: 3).map(\.count))")
            }
        } test: { server in
            let client = try await server.connect()
            try client.emit("multiple", 1, Self.doge, "3", [Self.doge, [1]])
            try await server.test.settle()
            #expect(server.notes.all == ["4 3", "[5000, 1]"])
        }
    }

    @Test("empty binary data arrives", arguments: Deployment.allCases)
    func emptyBinary(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment) { io, _ in
            io.on("echo") { (_, data: [UInt8]) in data }
        } test: { server in
            let answer = try await server.connect().emitWithAcknowledgement("echo", [.binary([])])
            #expect(answer == [.binary([])])
        }
    }

    @Test("a volatile event arrives at a client that receives", arguments: Deployment.allCases)
    func volatile(_ deployment: Deployment) async throws {
        // Node also drops a volatile event that follows another one within one turn of its loop. Ours drops it only if
        // output waits for the client.
        try await CaseServer.run(deployment) { io, _ in
            io.on("go") { socket in try socket.emitVolatile("ev", "data") }
        } test: { server in
            let client = try await server.connect()
            try client.emit("go")
            #expect(try await client.expect("ev") == "data")
        }
    }

    @Test("a client that does not receive misses volatile events and no others", arguments: Deployment.allCases)
    func volatileMissed(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment) { io, _ in
            io.on("fill") { socket in socket.emit("filling", [.binary([UInt8](repeating: 1, count: 3 << 20))]) }
            io.on("go") { socket in
                socket.emit("regular")
                socket.emitVolatile("volatile")
                socket.emit("regular")
            }
        } test: { server in
            let client = try await server.connect()
            client.client.stopReceiving()
            try client.emit("fill")
            try await server.test.settle()
            try client.emit("go")
            try await server.test.settle()
            client.client.resumeReceiving()
            try await client.expect("filling")
            try await client.expect("regular")
            try await client.expect("regular")
            try await client.expectNothing()
        }
    }

    @Test("a volatile broadcast misses a client that does not receive", arguments: Deployment.allCases)
    func volatileBroadcast(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment) { io, _ in
            io.on("fill") { socket in socket.emit("filling", [.binary([UInt8](repeating: 1, count: 3 << 20))]) }
        } test: { server in
            let clients = try await server.connect(2)
            clients[0].client.stopReceiving()
            try clients[0].emit("fill")
            try await server.test.settle()
            server.io.main.everyone.volatile.emit("volatile", [.binary([1, 2, 3])])
            try await clients[1].expect("volatile")
            clients[0].client.resumeReceiving()
            try await clients[0].expect("filling")
            try await clients[0].expectNothing()
        }
    }

    @Test("events of a namespace arrive in order", arguments: Deployment.allCases)
    func order(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment) { io, notes in
            io.of("/chat").on("hi") { (_, letter: String) in notes.add(letter) }
        } test: { server in
            let client = try await server.connect("/chat")
            for letter in ["a", "b", "c", "d"] { try client.emit("hi", letter) }
            try await server.test.settle()
            #expect(server.notes.all == ["a", "b", "c", "d"])
        }
    }

    @Test("events that arrive before the connection handler has returned wait for it", arguments: Deployment.allCases)
    func early(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment) { io, notes in
            io.onConnection { (_) async throws in
                for _ in 0..<10 { await Task.yield() }
                notes.add("connected")
            }
            io.on("early") { _ in notes.add("early") }
        } test: { server in
            try await server.connect().emitWithAcknowledgement("early")
            #expect(server.notes.all == ["connected", "early"])
        }
    }

    @Test("large JSON passes in both directions", arguments: Deployment.allCases)
    func largeJSON(_ deployment: Deployment) async throws {
        struct Big: Codable, Equatable, Sendable {
            var hello = "friend"
            var json = (0..<20_000).map { "item \($0)" }
        }
        try await CaseServer.run(deployment) { io, _ in
            io.on("big") { (socket, big: Big) in try socket.emit("big", big) }
        } test: { server in
            let client = try await server.connect()
            for _ in 0..<3 {
                try client.emit("big", Big())
                #expect(try await client.expect("big") == Big())
            }
        }
    }

    @Test("large binary data passes in both directions", arguments: Deployment.allCases)
    func largeBinary(_ deployment: Deployment) async throws {
        struct Big: Codable, Equatable, Sendable {
            var hello = "friend"
            var image = [UInt8](repeating: 9, count: 900_000)
        }
        try await CaseServer.run(deployment) { io, _ in
            io.on("big") { (socket, big: Big) in try socket.emit("big", big) }
        } test: { server in
            let client = try await server.connect()
            for _ in 0..<3 {
                try client.emit("big", Big())
                #expect(try await client.expect("big") == Big())
            }
        }
    }

    @Test("an event that follows a disconnection is ignored", arguments: Deployment.allCases)
    func afterDisconnect(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment) { io, notes in
            io.onConnection { socket in socket.disconnect() }
            io.on("test") { _ in notes.add("nope") }
        } test: { server in
            let client = try server.client()
            let socket = try await client.connect()
            client.send(raw: #"42["test"]"#)
            try await socket.expectDisconnect()
            try await server.test.settle()
            #expect(server.notes.all.isEmpty)
        }
    }

    @Test("a reserved name is reported and not sent", arguments: ReservedNames.all)
    func reserved(name: String) async throws {
        try await CaseServer.run(.oneProcess) { io, _ in
            io.on("go") { socket in socket.emit(name) }
        } test: { server in
            let client = try await server.connect()
            try client.emit("go")
            try await client.expectNothing()
            #expect(server.notes.all == ["report: reserved \(name) in /"])
        }
    }

    @Test("events are not received twice after the client has connected again", arguments: Deployment.allCases)
    func again(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment) { io, notes in
            io.onConnection { _ in notes.add("connected") }
            io.on("count") { _ in notes.add("event") }
        } test: { server in
            let client = try await server.connect()
            client.client.close()
            try await client.reconnect()
            try await client.emitWithAcknowledgement("count")
            #expect(server.notes.all == ["connected", "connected", "event"])
        }
    }
}
