import Testing

@testable import Actors

@Suite("Claim window: few claims are open at a time", .overDirectLink)
struct ClaimWindowTests {
    /// A window of two, with one claim for each of these clients, the first of which may be gone.
    private func withWindow(
        of names: [String], firstIsGone: Bool = false, _ test: @escaping @Sendable (inout Window) -> Void
    ) async throws {
        let accepted = AcceptedSockets()
        try await TestServer.run { server in
            server.main.onConnection { accepted.add($0) }
        } test: { server in
            var clients: [TestClient] = []
            for _ in names { clients.append(try await server.join()) }
            if firstIsGone {
                clients[0].close()
                try await eventually { await server.server.status.sessions == names.count - 1 }
            }
            try await accepted.run(on: server) { sockets in
                var window = Window(names, of: sockets)
                test(&window)
            }
        }
    }

    /// A claim window that speaks of its clients by their names, which are the namespaces of their claims.
    private struct Window {
        private var window = ClaimWindow(maxOpen: 2)

        init(_ names: [String], of sockets: [Socket]) {
            for (name, socket) in zip(names, sockets) {
                window.add(ClaimWindow.Claimant(namespace: name, connection: socket.connection)) { number in
                    Claim(number: number, namespace: name, privateID: nil, offset: nil, maxMissedBytes: 0)
                }
            }
        }

        /// The claims that may go now.
        mutating func go() -> [String] {
            var claims: [String] = []
            while let claim = window.next() { claims.append(claim.namespace) }
            return claims
        }

        mutating func answered(_ number: UInt64) -> String? { window.answered(number)?.namespace }

        mutating func forgetAll() { window.forgetAll() }
    }

    @Test("the others wait for an answer, in their order")
    func waits() async throws {
        try await withWindow(of: ["a", "b", "c", "d"]) { window in
            #expect(window.go() == ["a", "b"])
            #expect(window.answered(2) == "b")
            #expect(window.go() == ["c"])
            #expect(window.answered(1) == "a")
            #expect(window.go() == ["d"])
        }
    }

    @Test("for a client that is gone nobody asks")
    func gone() async throws {
        try await withWindow(of: ["a", "b", "c"], firstIsGone: true) { window in
            #expect(window.go() == ["b", "c"])
            #expect(window.answered(1) == nil)
        }
    }

    @Test("when no answers come any more, nobody waits for one")
    func forgotten() async throws {
        try await withWindow(of: ["a", "b", "c"]) { window in
            #expect(window.go() == ["a", "b"])
            window.forgetAll()
            #expect(window.answered(1) == nil)
            #expect(window.go().isEmpty)
        }
    }

    @Test("an answer has one claimant")
    func once() async throws {
        try await withWindow(of: ["a"]) { window in
            #expect(window.go() == ["a"])
            #expect(window.answered(1) == "a")
            #expect(window.answered(1) == nil)
        }
    }
}
