import Testing

@testable import Actors

@Suite("Values that the application attaches to sockets", .overEachLink)
struct LocalValueTests {
    private final class Visit: Sendable {
        let socket: Socket

        init(_ socket: Socket) {
            self.socket = socket
        }
    }

    private final class Seen: @unchecked Sendable {
        weak var visit: Visit?
    }

    @Test("one value of each type, set in middleware and kept until the disconnect handlers have returned")
    func lifetime() async throws {
        let seen = Seen()
        try await TestServer.run { server in
            server.main.use { socket in
                let visit = Visit(socket)
                seen.visit = visit
                socket[Visit.self] = visit
                socket[Int.self] = 1
                socket[Int.self] = 7
                socket[String.self] = "gone"
                socket[String.self] = nil
            }
            server.main.onDisconnect { socket, _ in
                server.notes.add(
                    "\(socket[Visit.self] != nil) \(socket[Int.self] ?? 0) \(socket[String.self] ?? "none")")
            }
        } test: { server in
            let client = try await server.join()
            #expect(seen.visit != nil)
            client.close()
            try await eventually { server.notes.all == ["true 7 none"] }
            try await eventually { seen.visit == nil }
        }
    }
}
