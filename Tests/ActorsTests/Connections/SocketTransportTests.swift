import Testing
import Transport

@testable import Actors

@Suite("The transport of a socket, and its change", .overDirectLink)
struct SocketTransportTests {
    private static let target = "/socket.io/?EIO=4&transport="

    /// A server whose sockets note their transport when they connect, upgrade and disconnect.
    private func run(_ test: (TestServer) async throws -> Void) async throws {
        try await TestServer.run { server in
            let notes = server.notes
            server.main.onConnection { socket in
                notes.add("connected by \(socket.transport.rawValue)")
                socket.onUpgrade { notes.add("upgraded to \($0.transport.rawValue)") }
            }
            server.main.on("event") { socket, _ in notes.add("event by \(socket.transport.rawValue)") }
            server.main.onDisconnect { socket, _ in notes.add("disconnected from \(socket.transport.rawValue)") }
        } test: {
            try await test($0)
        }
    }

    /// Opens a session and returns the target of its requests by a transport.
    private func open(_ server: TestServer) async throws -> (String) -> String {
        let opened = try await TestRequest.answer(to: "GET \(Self.target)polling", port: server.port)
        let id = try #require(opened.split(separator: "\"").dropFirst(3).first)
        return { "\(Self.target)\($0)&sid=\(id)" }
    }

    private func post(_ body: String, to target: String, _ server: TestServer) async throws {
        let answer = try await TestRequest.answer(to: "POST \(target)", body: body, port: server.port)
        try #require(answer.hasSuffix("\r\n\r\nok"))
    }

    /// Makes a WebSocket the transport of a session, and then sends a Socket.IO event on it.
    private func upgrade(_ target: String, _ server: TestServer) async throws -> TestConnection {
        let connection = try TestConnection(port: server.port)
        var received: [UInt8] = []
        connection.received = { received += $0 }
        connection.send(
            """
            GET \(target) HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
            Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n
            """.utf8)
        connection.send(ClientFrames.text("2probe"))
        try await eventually { String(decoding: received, as: UTF8.self).hasSuffix("3probe") }
        connection.send(ClientFrames.text("5") + ClientFrames.text(#"42["event"]"#))
        return connection
    }

    @Test("a socket is notified of the change to a WebSocket, once and before the next event")
    func upgraded() async throws {
        try await run { server in
            let target = try await open(server)
            try await post("40", to: target("polling"), server)
            try await eventually { server.notes.all == ["connected by polling"] }
            let connection = try await upgrade(target("websocket"), server)
            try await eventually { server.notes.all.count == 3 }
            connection.close()
            try await eventually { server.notes.all.count == 4 }
            #expect(
                server.notes.all == [
                    "connected by polling", "upgraded to websocket", "event by websocket",
                    "disconnected from websocket",
                ])
        }
    }

    @Test("a socket that has left its namespace is not notified, and its successor is")
    func left() async throws {
        try await run { server in
            let target = try await open(server)
            for (index, packet) in ["40", "41", "40"].enumerated() {
                try await post(packet, to: target("polling"), server)
                try await eventually { server.notes.all.count == index + 1 }
            }
            let connection = try await upgrade(target("websocket"), server)
            try await eventually { server.notes.all.last == "event by websocket" }
            #expect(server.notes.all.filter { $0.hasPrefix("upgraded") }.count == 1)
            connection.close()
        }
    }

    @Test("a client that begins with a WebSocket never upgrades")
    func webSocket() async throws {
        try await run { server in
            let client = try await server.join()
            client.send(#"2["event"]"#)
            try await eventually { server.notes.all.count == 2 }
            #expect(server.notes.all == ["connected by websocket", "event by websocket"])
        }
    }

    @Test("a handshake has the time of the CONNECT, the URL and the query")
    func handshake() async throws {
        try await TestServer.run { server in
            let notes = server.notes
            server.main.onConnection { socket in
                let handshake = socket.handshake
                notes.add("\(handshake.url) \(handshake.query["EIO"] ?? "") \(handshake.issued > .zero)")
            }
        } test: { server in
            _ = try await server.join()
            #expect(server.notes.all == ["/socket.io/?EIO=4&transport=websocket 4 true"])
        }
    }
}
