import Testing
import Transport

@testable import Actors

@Suite(
    "Unaccepted input counts until it is handled or its connection ends",
    .overDirectLink)
struct InputBudgetTests {
    static let attachment = [UInt8](repeating: 7, count: 50_000)

    static func setUp(_ server: TestServer) {
        server.main.on("file") { socket, _ in socket.emit("got it") }
    }

    /// Connects a client and sends a packet without the second of its two attachments.
    static func client(_ server: TestServer) async throws -> TestClient {
        let client = try await server.join()
        client.send(#"52-["file",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]"#)
        client.send(binary: attachment)
        try await eventually { await server.server.status.inputBytes > attachment.count }
        return client
    }

    @Test("a packet no longer counts once its last attachment has arrived")
    func complete() async throws {
        try await TestServer.run(setUp: Self.setUp) { server in
            let client = try await Self.client(server)
            client.send(binary: Self.attachment)
            #expect(try await client.next() == #"42["got it"]"#)
            #expect(await server.server.status.inputBytes == 0)
        }
    }

    enum Ending: CaseIterable {
        case endOfFile, reset, closeFrame, protocolError, packetError, pingTimeout, serverClose
    }

    @Test("the end of a connection releases all its input", arguments: Ending.allCases)
    func released(ending: Ending) async throws {
        var options = ServerOptions()
        if ending == .pingTimeout {
            options.engine.pingInterval = .seconds(1)
            options.engine.pingTimeout = .seconds(1)
        }
        try await TestServer.run(options, setUp: Self.setUp) { server in
            var settings = TestClient.Options()
            let file = #"52-["file",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]"#
            settings.answersPings = ending != .pingTimeout
            // Send everything together, because the session ends soon.
            if ending == .pingTimeout { settings.packets = ["40", "4" + file] }
            let client = try await server.connect(settings)
            if ending != .pingTimeout {
                try await client.join()
                client.send(file)
            }
            client.send(binary: Self.attachment)
            if ending != .packetError, ending != .closeFrame {
                // An incomplete message.
                client.send(frames: ClientFrames.frame(opcode: 2, Self.attachment).dropLast())
            }
            if ending != .pingTimeout {
                try await eventually { await server.server.status.inputBytes > Self.attachment.count }
            }
            switch ending {
            case .endOfFile: client.close()
            case .reset: client.reset()
            case .closeFrame: client.closeWebSocket()
            // The last byte of the message and an invalid frame.
            case .protocolError: client.send(frames: [0, 0xF2, 0x80, 0, 0, 0, 0])
            case .packetError: client.send(#"2["text"]"#)
            case .pingTimeout: break
            case .serverClose: await server.server.close(timeout: .milliseconds(100))
            }
            _ = try await client.end()
            try await eventually { await server.server.status.inputBytes == 0 }
        }
    }

    @Test("above the limit the server resets the connection that holds the most and serves the others")
    func largest() async throws {
        let options = ServerOptions(engine: EngineOptions(maxPayload: 100_000), maxInputMemory: 1)
        // The limit is 11 times the largest message: 1.1 MB.
        try await TestServer.run(options, setUp: Self.setUp) { server in
            let other = try await server.join()
            var clients: [TestClient] = []
            for size in [99_000, 90_000, 98_000] {
                for _ in 0..<3 {
                    let client = try await server.join()
                    let frame = ClientFrames.frame(opcode: 2, [UInt8](repeating: 1, count: size))
                    client.send(frames: frame.dropLast())
                    clients.append(client)
                }
            }
            let held = 3 * (99_000 + 90_000 + 98_000) - 9
            try await eventually { await server.server.status.inputBytes == held }
            for size in [99_900, 99_800] {
                clients.append(try await server.join())
                let frame = ClientFrames.frame(opcode: 2, [UInt8](repeating: 1, count: size))
                clients.last?.send(frames: frame.dropLast())
            }
            try await eventually { await server.server.status.inputBytes == held + 199_698 }
            let last = try await server.join()
            last.send(frames: ClientFrames.frame(opcode: 2, [UInt8](repeating: 1, count: 80_000)).dropLast())
            // This client holds the most: 99 900 bytes.
            #expect(try await clients[9].end() == nil)
            try await eventually { await server.server.status.input.resets == 1 }
            #expect(server.reports.all == ["input memory exceeded"])
            other.send(#"2["file"]"#)
            #expect(try await other.next() == #"42["got it"]"#)
        }
    }

    @Test("auth and early events count while middleware is suspended, until the client is accepted or rejected")
    func unaccepted() async throws {
        let gate = Gate()
        try await TestServer.run { server in
            server.main.use { socket async throws(ConnectError) in
                await gate.pass()
                guard socket.handshake.auth?["refuse"] == nil else { throw ConnectError("no") }
            }
        } test: { server in
            let padding = String(repeating: "p", count: 5000)
            let accepted = try await server.connect()
            let refused = try await server.connect()
            for (client, key) in [(accepted, "accept"), (refused, "refuse")] {
                client.send([#"0{"\#(key)":"\#(padding)"}"#, #"2["early","\#(padding)"]"#])
            }
            // Both texts of both clients, plus the packet types and punctuation.
            try await eventually { await server.server.status.inputBytes > 4 * padding.utf8.count }
            gate.open()
            #expect(try await accepted.next().hasPrefix("40{"))
            #expect(try await refused.next() == #"44{"message":"no"}"#)
            try await eventually { await server.server.status.inputBytes == 0 }
            // The server keeps the handshake of the accepted client.
            let kept = await server.server.status.handshakeBytes
            #expect(kept > padding.utf8.count && kept < 2 * padding.utf8.count)
            accepted.close()
            refused.close()
            try await eventually { await server.server.status.handshakeBytes == 0 }
        }
    }

    @Test("a CONNECT with more than maxAuth bytes of auth is rejected, and a smaller auth is accepted")
    func largeAuth() async throws {
        try await TestServer.run(ServerOptions(maxAuth: 9)) { server in
            server.main.use { _ throws(ConnectError) in server.notes.add("checked") }
            _ = server.server.of("/other")
        } test: { server in
            let client = try await server.connect()
            client.send(#"0{"a":"12"}"#)
            #expect(try await client.next() == #"44{"message":"auth is too large"}"#)
            client.send(#"0/other,{"a":"12"}"#)
            #expect(try await client.next() == #"44/other,{"message":"auth is too large"}"#)
            #expect(server.notes.all == [])
            // An event that arrives before the client has read the rejection is dropped.
            client.send(#"2["early"]"#)
            try await client.join(auth: #"{"a":"1"}"#)
            #expect(server.notes.all == ["checked"])
        }
    }

    @Test(
        "without keepsHandshakes, auth is available until the connection handler returns, and no headers are kept",
        arguments: [false, true])
    func keepsNothing(waits: Bool) async throws {
        try await TestServer.run(ServerOptions(keepsHandshakes: false)) { server in
            if waits {
                server.main.onConnection { socket async throws in
                    await server.machine.wait(.milliseconds(1))
                    server.notes.add(socket.handshake.auth?.description ?? "none")
                }
            } else {
                server.main.onConnection { socket in server.notes.add(socket.handshake.auth?.description ?? "none") }
            }
            server.main.on("look") { socket, _ in
                server.notes.add(socket.handshake.auth?.description ?? "none")
                server.notes.add("\(socket.handshake.request.headers.count) headers")
                server.notes.add(socket.handshake.request.path)
            }
        } test: { server in
            let client = try await server.join(auth: #"{"a":1}"#)
            client.send(#"2["look"]"#)
            try await eventually { server.notes.all.count == 4 }
            #expect(server.notes.all == [#"{"a":1}"#, "none", "0 headers", "/socket.io/"])
            #expect(await server.server.status.handshakeBytes == "GET /socket.io/ HTTP/1.1".utf8.count)
        }
    }
}
