import Testing
import Transport

@testable import Actors

@Suite("Back-pressure: a stalled store holds up its senders, and nothing else", .overEachLink)
struct BackPressureTests {
    static let limit = 20_000
    static let count = 200
    static let text = String(repeating: "x", count: 4000)
    static let smallBuffers = 64 << 10

    static let options = ServerOptions(
        engine: EngineOptions(pingInterval: .milliseconds(50), pingTimeout: .seconds(1)),
        maxInFlight: limit)

    /// A server whose store is stalled, and a sender that is not read any more because of it.
    static func run(_ test: (TestServer, TestClient, TestClient.Flood) async throws -> Void) async throws {
        try await TestServer.run(options, kernelBuffers: smallBuffers) { server in
            storing(server)
            server.main.on("echo") { socket, _ in socket.emit("echo") }
        } test: { server in
            server.store.hold()
            let sender = try await server.join(TestClient.Options(kernelBuffers: smallBuffers))
            let flood = sender.flood((0..<count).map { #"2\#($0)["message","\#($0) \#(text)"]"# })
            try await eventually { await server.server.status.bytesInFlight > limit && server.store.held == 1 }
            try await test(server, sender, flood)
        }
    }

    @Test("the sender is not read, its heartbeat is not judged, and everything arrives after the stall, in order")
    func stall() async throws {
        try await Self.run { server, sender, flood in
            // Long enough for the heartbeat of a client that is read to be judged.
            let end = TestMachine.current.now + .milliseconds(1300)
            var most = 0
            try await eventually {
                most = max(most, await server.server.status.bytesInFlight)
                return TestMachine.current.now > end
            }
            #expect(most < Self.limit + 200_000, "no more than one read goes over the limit")
            #expect(flood.sent < Self.count)
            #expect(await server.server.status.sessions == 1)
            server.store.release()
            let packets = try await sender.next(2 * Self.count)
            #expect(packets.filter { $0.hasPrefix("43") } == (0..<Self.count).map { "43\($0)[]" })
            let rows = packets.filter { $0.hasPrefix("42") }
            #expect(rows.map { $0.prefix(20) } == (0..<Self.count).map { #"42["message","\#($0) xxxx"#.prefix(20) })
            #expect(await server.server.status.bytesInFlight == 0)
        }
    }

    @Test("other clients are read meanwhile")
    func others() async throws {
        try await Self.run { server, sender, flood in
            let other = try await server.join()
            other.send(#"2["echo"]"#)
            #expect(try await other.next() == #"42["echo"]"#)
        }
    }

    @Test("messages of a sender that is gone count until they have their results; then the next sender is served")
    func senderGone() async throws {
        try await Self.run { server, sender, flood in
            // An end of file would stay behind what the server does not read.
            sender.reset()
            try await eventually { await server.server.status.sessions == 0 }
            #expect(await server.server.status.bytesInFlight > 0, "sending, leaving and coming again stays bounded")
            server.store.release()
            try await eventually { await server.server.status.bytesInFlight == 0 }
            let next = try await server.join(auth: "{\"serverOffset\":\(Self.count)}")
            next.send(#"20["message","served"]"#)
            while try await next.next() != "430[]" {}
        }
    }
}
