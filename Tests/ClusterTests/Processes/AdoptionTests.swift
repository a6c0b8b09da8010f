import Glibc
import Synchronization
import TestSupport
import Testing

@testable import Actors
@testable import Cluster
@testable import Transport

@Suite("Connections that other code has accepted", .serialized)
struct AdoptionTests {
    private static let request = "GET /hello HTTP/1.1\r\nHost: chat.example\r\nConnection: close\r\n\r\n"

    @Test("the bytes may be received by either server, split at every position")
    func everySplit() async throws {
        try await AdoptingServer.run { server in
            let bytes = Array(Self.request.utf8)
            for position in 0...bytes.count {
                let client = try ClientEnd()
                try server.adopt(client.takeServerEnd(), received: Array(bytes[..<position]))
                client.send(bytes[position...])
                #expect(try await client.readAll().hasSuffix("\r\n\r\nhello"), "split at \(position)")
            }
            #expect(await server.status.http.connections == bytes.count + 1)
        }
    }

    @Test("a WebSocket handshake and the frame after it may have been received")
    func upgrade() async throws {
        try await AdoptingServer.run { server in
            let client = try ClientEnd()
            let handshake =
                "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: chat.example\r\nUpgrade: websocket\r\n"
                + "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                + "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
            // The packet 40 joins the main namespace. The mask is 0.
            let frame: [UInt8] = [0x81, 0x82, 0, 0, 0, 0, UInt8(ascii: "4"), UInt8(ascii: "0")]
            try server.adopt(client.takeServerEnd(), received: Array(handshake.utf8) + frame)
            let answer = try await client.read { $0.contains(#"40{"sid":"#) }
            #expect(answer.hasPrefix("HTTP/1.1 101 ") && answer.contains(#"0{"sid":"#))
        }
    }

    @Test(
        "invalid and oversized input is refused",
        arguments: [
            ("\0\u{1}\u{2}\r\n\r\n", "400"), ("GET / HTTP/1.1\r\nA: \(String(repeating: "x", count: 20_000))", "431"),
            ("POST /hello HTTP/1.1\r\nHost: a\r\nContent-Length: 1000001\r\n\r\n", "413"),
            ("GET /" + String(repeating: "x", count: 9000), "414"),
        ])
    func refused(input: String, status: String) async throws {
        try await AdoptingServer.run { server in
            let client = try ClientEnd()
            try server.adopt(client.takeServerEnd(), received: Array(input.utf8))
            #expect(try await client.readAll().hasPrefix("HTTP/1.1 \(status) "))
        }
    }

    @Test("the address is the socket's or the given one")
    func addresses() async throws {
        try await AdoptingServer.run { server in
            for (peer, expected) in [(nil, "127.0.0.1"), ("192.0.2.7", "192.0.2.7")] {
                let client = try ClientEnd(overTCP: true)
                let request = "GET /peer HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
                try server.adopt(client.takeServerEnd(), received: Array(request.utf8), peer: peer)
                #expect(try await client.readAll().hasSuffix("\r\n\r\n\(expected)"))
            }
            let local = try ClientEnd()
            try server.adopt(local.takeServerEnd(), received: Array(Self.request.replacing("hello", with: "peer").utf8))
            #expect(try await local.readAll().hasSuffix("\r\n\r\n"))
        }
    }

    @Test("over loopback addresses the server answers to names of this machine only")
    func hosts() async throws {
        try await AdoptingServer.run { server in
            let client = try ClientEnd(overTCP: true)
            try server.adopt(client.takeServerEnd(), received: Array(Self.request.utf8))
            #expect(try await client.readAll().hasPrefix("HTTP/1.1 403 "))
        }
    }

    @Test("any thread may pass connections and answer requests")
    func threads() async throws {
        try await AdoptingServer.run { server in
            let clients = try (0..<8).map { _ in try ClientEnd() }
            for client in clients {
                let descriptor = client.takeServerEnd()
                let received = Array(Self.request.replacing("hello", with: "thread").utf8)
                try Thread.start(name: "front") {
                    do {
                        try server.adopt(descriptor, received: received)
                    } catch {
                        Issue.record(error)
                    }
                }
            }
            for client in clients { #expect(try await client.readAll().hasSuffix("\r\n\r\nfrom a thread")) }
        }
    }

    @Test("connections wait for the start of the server, and are non-blocking and closed on exec")
    func beforeStart() async throws {
        let server = AdoptingServer.make()
        let client = try ClientEnd()
        let descriptor = client.takeServerEnd()
        try server.adopt(descriptor, received: Array(Self.request.utf8))
        #expect(fcntl(descriptor, F_GETFL) & O_NONBLOCK != 0 && fcntl(descriptor, F_GETFD) & FD_CLOEXEC != 0)
        try await AdoptingServer.run(server) { _ in
            let answer = try await client.readAll()
            #expect(answer.hasSuffix("\r\n\r\nhello"))
        }
    }

    @Test("the number and the size of waiting connections have limits")
    func limits() async throws {
        let server = AdoptingServer.make()
        let clients = try (0..<4).map { _ in try ClientEnd() }
        let large = [UInt8](repeating: 0, count: Adoptions.maxWaitingBytes)
        try server.adopt(clients[0].takeServerEnd(), received: large)
        #expect(throws: AdoptionError.tooManyWaiting) {
            try server.adopt(clients[1].takeServerEnd(), received: [0])
        }
        #expect(try await clients[1].readAll().isEmpty)
        for _ in 1..<Adoptions.maxWaiting { try server.adopt(dup(clients[2].serverEnd)) }
        #expect(throws: AdoptionError.tooManyWaiting) { try server.adopt(clients[3].takeServerEnd()) }
        #expect(try await clients[3].readAll().isEmpty)
    }

    @Test("a closed server closes the connection and throws", arguments: [true, false])
    func afterClose(hasRun: Bool) async throws {
        let server = AdoptingServer.make()
        let waiting = try ClientEnd()
        if !hasRun { try server.adopt(waiting.takeServerEnd()) }
        if hasRun { try await AdoptingServer.run(server) { _ in } } else { await server.close() }
        if !hasRun { #expect(try await waiting.readAll().isEmpty) }
        let client = try ClientEnd()
        #expect(throws: AdoptionError.serverClosed) {
            try server.adopt(client.takeServerEnd(), received: Array(Self.request.utf8))
        }
        #expect(try await client.readAll().isEmpty)
    }

    @Test("connections that wait for a server are closed if it is released without a start")
    func released() async throws {
        let client = try ClientEnd()
        try AdoptingServer.make().adopt(client.takeServerEnd())
        #expect(try await client.readAll().isEmpty)
    }

    @Test("closing the server ends an adopted connection, with an answer or without one")
    func closed() async throws {
        let client = try ClientEnd()
        try await AdoptingServer.run { server in
            try server.adopt(client.takeServerEnd(), received: Array("GET /hel".utf8))
            try await eventually { await server.status.connections == 1 }
        }
        #expect(try await client.readAll().isEmpty)
    }

    @Test("a descriptor that is not a connected stream socket is closed")
    func notConnected() throws {
        let server = AdoptingServer.make()
        var pipes: [CInt] = [0, 0]
        try #require(pipe(&pipes) == 0)
        // A process that another test starts must not inherit them: it would be another writer.
        for end in pipes { try #require(fcntl(end, F_SETFD, FD_CLOEXEC) == 0) }
        #expect(throws: AdoptionError.notConnected(SystemError("getsockopt", code: ENOTSOCK))) {
            try server.adopt(pipes[1])
        }
        // The pipe has no writer any more.
        var byte: UInt8 = 0
        #expect(read(pipes[0], &byte, 1) == 0)
        close(pipes[0])
        let unconnected = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        #expect(throws: AdoptionError.notConnected(SystemError("getpeername", code: ENOTCONN))) {
            try server.adopt(unconnected)
        }
        let datagrams = socket(AF_INET, CInt(SOCK_DGRAM.rawValue), 0)
        #expect(throws: AdoptionError.notConnected(SystemError("getsockopt", code: EPROTOTYPE))) {
            try server.adopt(datagrams)
        }
        #expect(throws: AdoptionError.notConnected(SystemError("getsockopt", code: EBADF))) { try server.adopt(-1) }
    }
}

/// A server that listens nowhere.
private enum AdoptingServer {
    static func make() -> SocketServer {
        let server = SocketServer { _ in }
        _ = server.of("/")
        server.get("/hello") { _ in .text(.ok, "hello") }
        server.route("/peer") { $0.respond(.text(.ok, $0.peer)) }
        server.route("/thread") { exchange in
            try? Thread.start(name: "answer") { exchange.respond(.text(.ok, "from a thread")) }
        }
        return server
    }

    static func run(
        _ server: SocketServer = make(), _ test: (SocketServer) async throws -> Void
    ) async throws {
        let task = Task { try await server.runWithoutListening() }
        do {
            // From now on the start needs no thread of the pool, which a test may block.
            try await eventually { server.endpoint != nil }
            try await test(server)
        } catch {
            task.cancel()
            throw error
        }
        task.cancel()
        try await task.value
    }
}
