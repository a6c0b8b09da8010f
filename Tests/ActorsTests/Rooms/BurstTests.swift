import Testing
import Transport

@testable import Actors

@Suite("Bursts: the pending limit applies only to output that the kernel does not accept", .overEachLink)
struct BurstTests {
    private static let text = String(repeating: "x", count: 150_000)

    private static func sendPieces(_ count: Int) -> (TestServer) -> Void {
        { server in
            server.main.on("burst") { socket, _ in
                let text = JSONText(string: Self.text)
                for number in 0..<count { socket.emit("piece", [.json(JSONText(integer: number)), .json(text)]) }
            }
            server.main.onDisconnect { _, reason in server.notes.add(reason.rawValue) }
        }
    }

    @Test("3 MB from one handler reach a reading client completely with default options")
    func whole() async throws {
        try await TestServer.run(setUp: Self.sendPieces(20)) { server in
            let client = try await server.join()
            client.send(#"2["burst"]"#)
            for number in 0..<20 { #expect(try await client.next() == #"42["piece",\#(number),"\#(Self.text)"]"#) }
            #expect(server.notes.all.isEmpty)
        }
    }

    @Test("output above the pending limit and the kernel's buffers ends the connection without a close frame")
    func beyond() async throws {
        let options = ServerOptions(engine: EngineOptions(maxPending: 512 << 10))
        let kernelBuffers = 64 << 10
        try await TestServer.run(options, kernelBuffers: kernelBuffers, setUp: Self.sendPieces(60)) { server in
            let client = try await server.join(TestClient.Options(kernelBuffers: kernelBuffers))
            // A reading client could keep up with the sender.
            client.setReading(false)
            client.send(#"2["burst"]"#)
            try await eventually { server.notes.all == ["transport error"] }
            client.setReading(true)
            #expect(try await client.end() == nil)
        }
    }
}
