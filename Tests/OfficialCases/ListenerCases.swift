import Cluster
import SocketTesting
import Testing

@Suite("Listeners")
struct ListenerCases {
    @Test("several handlers of an event run in their order", arguments: Deployment.allCases)
    func several(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment) { io, notes in
            io.on("a") { _ in notes.add("1") }
            io.on("a") { _ in notes.add("2") }
            io.onConnection { socket in socket.on("a") { _ in notes.add("3") } }
        } test: { server in
            let client = try await server.connect()
            try await client.emitWithAcknowledgement("a")
            try await server.test.settle()
            #expect(server.notes.all == ["1", "2", "3"])
        }
    }

    @Test("once runs for the next event only", arguments: Deployment.allCases)
    func once(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment) { io, notes in
            io.onConnection { socket in socket.once("a") { _, _ in notes.add("once") } }
            io.on("a") { _ in notes.add("on") }
        } test: { server in
            let client = try await server.connect()
            for _ in 0..<2 { try client.emit("a") }
            try await server.test.settle()
            #expect(server.notes.all == ["on", "once", "on"])
        }
    }

    @Test("off removes the handlers of an event, or one handler", arguments: Deployment.allCases)
    func off(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment) { io, notes in
            io.onConnection { socket in
                socket.on("a") { _ in notes.add("a") }
                socket.off("a")
                let token = socket.on("b") { _ in notes.add("b 1") }
                socket.on("b") { _ in notes.add("b 2") }
                socket.off(token)
                notes.add("\(socket.eventNames) \(socket.handlerCount(of: "b"))")
            }
        } test: { server in
            let client = try await server.connect()
            try client.emit("a")
            try client.emit("b")
            try await server.test.settle()
            #expect(server.notes.all == [#"["b"] 1"#, "b 2"])
        }
    }

    @Test("onAny receives every event", arguments: Deployment.allCases)
    func any(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment) { io, notes in
            io.onConnection { socket in
                socket.onAny { _, event in notes.add("\(event.name) \(try event.arguments.decode(String.self))") }
            }
        } test: { server in
            try await server.connect().emit("my-event", "123")
            try await server.test.settle()
            #expect(server.notes.all == ["my-event 123"])
        }
    }

    @Test("prependAny adds a handler before the others", arguments: Deployment.allCases)
    func prependAny(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment) { io, notes in
            io.onConnection { socket in
                socket.onAny { _, _ in notes.add("3") }
                socket.prependAny { _, _ in notes.add("2") }
                socket.prependAny { _, _ in notes.add("1") }
            }
        } test: { server in
            try await server.connect().emit("my-event")
            try await server.test.settle()
            #expect(server.notes.all == ["1", "2", "3"])
        }
    }

    @Test("a catch-all handler can be removed", arguments: Deployment.allCases)
    func offAny(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment) { io, notes in
            io.onConnection { socket in
                let token = socket.onAny { _, _ in notes.add("nope") }
                socket.off(token)
                socket.onAny { _, _ in notes.add("nope") }
                socket.offAny()
                notes.add("\(socket.anyHandlerCount)")
                socket.onAny { _, _ in notes.add("any") }
            }
        } test: { server in
            try await server.connect().emit("my-event")
            try await server.test.settle()
            #expect(server.notes.all == ["0", "any"])
        }
    }

    @Test("onAnyOutgoing receives the socket's own events", arguments: Deployment.allCases)
    func outgoing(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment) { io, notes in
            io.onConnection { socket in
                socket.onAnyOutgoing { _, event in
                    notes.add("\(event.name) \(try event.arguments.decode(String.self))")
                }
                try socket.emit("my-event", "123")
            }
        } test: { server in
            let client = try await server.connect()
            try await client.expect("my-event")
            #expect(server.notes.all == ["my-event 123"])
        }
    }

    @Test("onAnyOutgoing receives broadcasts", arguments: Deployment.allCases)
    func outgoingBroadcast(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment) { io, notes in
            io.onConnection { socket in
                socket.onAnyOutgoing { _, event in notes.add("\(event.name) \(event.arguments.count)") }
            }
        } test: { server in
            let client = try await server.connect()
            try await server.test.settle()
            try server.io.emit("my-event", "123")
            try await client.expect("my-event")
            #expect(server.notes.all == ["my-event 1"])
        }
    }

    @Test("onAnyOutgoing receives broadcasts of binary data", arguments: Deployment.allCases)
    func outgoingBinary(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment) { io, notes in
            io.onConnection { socket in
                socket.onAnyOutgoing { _, event in notes.add("\(event.arguments == [.binary([1, 2, 3])])") }
            }
        } test: { server in
            let client = try await server.connect()
            try await server.test.settle()
            server.io.emit("my-event", [.binary([1, 2, 3])])
            try await client.expect("my-event")
            #expect(server.notes.all == ["true"])
        }
    }

    @Test("prependAnyOutgoing adds a handler before the others", arguments: Deployment.allCases)
    func prependOutgoing(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment) { io, notes in
            io.onConnection { socket in
                socket.onAnyOutgoing { _, _ in notes.add("3") }
                socket.prependAnyOutgoing { _, _ in notes.add("2") }
                socket.prependAnyOutgoing { _, _ in notes.add("1") }
                socket.emit("my-event")
            }
        } test: { server in
            let client = try await server.connect()
            try await client.expect("my-event")
            #expect(server.notes.all == ["1", "2", "3"])
        }
    }

    @Test("handlers of outgoing events can be removed", arguments: Deployment.allCases)
    func offOutgoing(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment) { io, notes in
            io.onConnection { socket in
                socket.onAnyOutgoing { _, _ in notes.add("nope") }
                socket.offAnyOutgoing()
                notes.add("\(socket.anyOutgoingHandlerCount)")
                socket.onAnyOutgoing { _, _ in notes.add("outgoing") }
                socket.emit("my-event")
            }
        } test: { server in
            let client = try await server.connect()
            try await client.expect("my-event")
            #expect(server.notes.all == ["0", "outgoing"])
        }
    }

    @Test("an event without a handler is ignored", arguments: Deployment.allCases)
    func ignored(_ deployment: Deployment) async throws {
        try await CaseServer.run(deployment) { server in
            let client = try await server.connect()
            try client.emit("unknown", 1)
            try await server.test.settle()
            #expect(client.isConnected)
            #expect(server.notes.all.isEmpty)
        }
    }

    @Test("a handler that throws is reported, and the next one runs", arguments: Deployment.allCases)
    func failing(_ deployment: Deployment) async throws {
        struct Failed: Error {}
        try await CaseServer.run(deployment) { io, notes in
            io.on("a") { _, _ in throw Failed() }
            io.on("a") { _, _ in notes.add("next") }
        } test: { server in
            let client = try await server.connect()
            try client.emit("a")
            try await server.test.settle()
            #expect(server.notes.all == ["report: Failed() in /", "next"])
        }
    }
}
