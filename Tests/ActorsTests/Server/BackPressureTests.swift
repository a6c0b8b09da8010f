import Testing
import Transport

@testable import Actors

@Suite("Back-pressure: a stalled store pauses only the clients that send messages", .overEachLink)
struct BackPressureTests {
    static let limit = 20_000
    static let count = 200
    static let text = String(repeating: "x", count: 4000)
    static let smallBuffers = 64 << 10

    static let options = ServerOptions(
        engine: EngineOptions(pingInterval: .milliseconds(50), pingTimeout: .seconds(1)),
        maxInFlight: limit)

    /// Runs a test with a server whose store is stalled and a sender that is paused for this reason.
    static func run(_ test: (TestServer, TestClient, TestClient.Flood) async throws -> Void) async throws {
        try await TestServer.run(options, kernelBuffers: smallBuffers) { server in
            storing(server)
            server.main.on("echo") { socket, _ in socket.emit("echo") }
            server.main.on("shout") { socket, event in socket.namespace.everyone.emit("shout", event.arguments) }
        } test: { server in
            server.store.hold()
            let sender = try await server.join(TestClient.Options(kernelBuffers: smallBuffers))
            let flood = sender.flood((0..<count).map { #"2\#($0)["message","\#($0) \#(text)"]"# })
            try await eventually { await server.server.status.bytesInFlight > limit && server.store.held == 1 }
            try await test(server, sender, flood)
        }
    }

    @Test("a paused sender does not time out, and all its messages arrive in order after the stall")
    func stall() async throws {
        try await Self.run { server, sender, flood in
            // Longer than the ping interval plus the ping timeout.
            let end = TestMachine.current.now + .milliseconds(1300)
            var most = 0
            try await eventually {
                most = max(most, await server.server.status.bytesInFlight)
                return TestMachine.current.now > end
            }
            #expect(most < Self.limit + 200_000, "at most one read exceeds the limit")
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

    @Test("the server keeps reading from other clients")
    func others() async throws {
        try await Self.run { server, sender, flood in
            let other = try await server.join()
            other.send(#"2["echo"]"#)
            #expect(try await other.next() == #"42["echo"]"#)
        }
    }

    @Test("clients that send events are not paused")
    func events() async throws {
        try await Self.run { server, sender, flood in
            let other = try await server.join()
            // Each of them exceeds half of the limit.
            for number in 0..<10 { other.send(#"2["shout",\#(number),"\#(Self.text)\#(Self.text)\#(Self.text)"]"#) }
            for number in 0..<10 { #expect(try await other.next().hasPrefix(#"42["shout",\#(number),"#)) }
            #expect(flood.sent < Self.count)
        }
    }

    @Test("messages of a closed sender use credit until their results arrive")
    func senderGone() async throws {
        try await Self.run { server, sender, flood in
            // A reset, because the server would not reach an end of file behind the unread input.
            sender.reset()
            try await eventually { await server.server.status.sessions == 0 }
            #expect(await server.server.status.bytesInFlight > 0, "reconnecting does not free the credit")
            server.store.release()
            try await eventually { await server.server.status.bytesInFlight == 0 }
            let next = try await server.join(auth: "{\"serverOffset\":\(Self.count)}")
            next.send(#"20["message","served"]"#)
            while try await next.next() != "430[]" {}
        }
    }
}
