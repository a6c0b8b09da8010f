import Testing
import Transport

@testable import Actors

@Suite("Disconnect reasons", .overEachLink)
struct DisconnectReasonTests {
    /// A way to end a connection or its sockets. The connection has two sockets, the second in `/other`. The raw value
    /// is the packet that the client sends, if any.
    enum End: String, CaseIterable {
        case clientLeaves = "41"
        case serverDisconnects
        case serverCloses
        case connectionEnds
        case webSocketCloses
        case engineCloses = "1"
        case reset
        case silence
        case badPacket = "4abc"
        case badEngineByte = "9"
        case emptyMessage = ""
        case shutDown

        var reasons: [String] {
            switch self {
            case .clientLeaves: ["/: client namespace disconnect"]
            case .serverDisconnects: ["/: server namespace disconnect"]
            case .serverCloses: ["/: server namespace disconnect", "/other: server namespace disconnect"]
            case .connectionEnds, .webSocketCloses, .engineCloses: ["/: transport close", "/other: transport close"]
            case .reset: ["/: transport error", "/other: transport error"]
            case .silence: ["/: ping timeout", "/other: ping timeout"]
            case .badPacket, .badEngineByte, .emptyMessage: ["/: parse error", "/other: parse error"]
            case .shutDown: ["/: server shutting down", "/other: server shutting down"]
            }
        }
    }

    @Test("each end calls the disconnect handler once per socket, with its reason", arguments: End.allCases)
    func reasons(end: End) async throws {
        var options = ServerOptions()
        if end == .silence {
            options = ServerOptions(
                engine: EngineOptions(pingInterval: .milliseconds(300), pingTimeout: .milliseconds(20)))
        }
        try await TestServer.run(options) { server in
            for name in ["/", "/other"] {
                let namespace = server.server.of(name)
                namespace.onDisconnect { socket, reason in
                    server.notes.add("\(name): \(reason.rawValue)")
                }
                namespace.on("disconnect me") { socket, _ in socket.disconnect() }
                namespace.on("close me") { socket, _ in socket.disconnect(close: true) }
            }
        } test: { server in
            let client = try await server.connect(
                TestClient.Options(answersPings: end != .silence, packets: ["40", "40/other,"]))
            _ = try await client.next(2)
            switch end {
            case .clientLeaves, .engineCloses, .badPacket, .badEngineByte, .emptyMessage:
                client.send(packet: end.rawValue)
            case .serverDisconnects: client.send(#"2["disconnect me"]"#)
            case .serverCloses: client.send(#"2["close me"]"#)
            case .connectionEnds: client.close()
            case .webSocketCloses: client.closeWebSocket()
            case .reset: client.reset()
            case .silence: break
            case .shutDown: await server.server.close()
            }
            try await eventually { server.notes.all.count >= end.reasons.count }
            if end.reasons.count == 2 { try await eventually { await server.server.status.sessions == 0 } }
            #expect(server.notes.all.sorted() == end.reasons)
        }
    }

    @Test("a client that the server disconnects from a namespace receives DISCONNECT and stays in the others")
    func namespaceOnly() async throws {
        try await TestServer.run { server in
            server.server.of("/other").on("disconnect me") { socket, _ in socket.disconnect() }
            server.main.on("echo") { socket, _ in socket.emit("echo") }
        } test: { server in
            let client = try await server.join()
            try await client.join("/other")
            client.send(#"2/other,["disconnect me"]"#)
            #expect(try await client.next() == "41/other,")
            client.send(#"2["echo"]"#)
            #expect(try await client.next() == #"42["echo"]"#)
        }
    }

    @Test("closing the connection first sends pending output and a DISCONNECT for the namespace")
    func closes() async throws {
        try await TestServer.run { server in
            server.main.on("close me") { socket, event in
                socket.emit("last words")
                event.acknowledgement?()
                socket.disconnect(close: true)
                socket.emit("never")
            }
        } test: { server in
            let client = try await server.join()
            client.send(#"20["close me"]"#)
            #expect(try await client.next(3) == [#"42["last words"]"#, "430[]", "41"])
            #expect(try await client.end() == 1000)
        }
    }

    @Test("the disconnect handler does not run for a client that never joined")
    func neverJoined() async throws {
        try await TestServer.run { server in
            server.main.onDisconnect { _, _ in server.notes.add("gone") }
        } test: { server in
            let client = try await server.connect()
            client.close()
            try await eventually { await server.server.status.sessions == 0 }
            #expect(server.notes.all.isEmpty)
        }
    }
}
