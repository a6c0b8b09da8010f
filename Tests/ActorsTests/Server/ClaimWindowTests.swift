import Testing

@testable import Actors

@Suite("Claim window: a limited number of open claims", .overDirectLink)
struct ClaimWindowTests {
    /// Runs a test with a window of two open claims and one claim for each name. The first client may be gone.
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

    /// A claim window that identifies each claim by its namespace, which is the client's name.
    private struct Window {
        private var window = ClaimWindow(maxOpen: 2)

        init(_ names: [String], of sockets: [Socket]) {
            for (name, socket) in zip(names, sockets) {
                window.add(ClaimWindow.Claimant(namespace: name, connection: socket.connection)) { number in
                    Claim(number: number, namespace: name, privateID: nil, offset: nil, maxMissedBytes: 0)
                }
            }
        }

        /// Opens all claims that the window allows.
        mutating func openAll() -> [String] {
            var claims: [String] = []
            while let claim = window.next() { claims.append(claim.namespace) }
            return claims
        }

        mutating func answered(_ number: UInt64) -> String? { window.answered(number)?.namespace }

        mutating func delayed(_ number: UInt64) { window.delayed(number) }

        mutating func removeAll() { window.removeAll() }
    }

    @Test("claims that wait for other servers do not hold up the next ones")
    func delayed() async throws {
        try await withWindow(of: ["a", "b", "c", "d", "e"]) { window in
            #expect(window.openAll() == ["a", "b"])
            window.delayed(1)
            window.delayed(1)
            window.delayed(7)
            #expect(window.openAll() == ["c"])
            window.delayed(3)
            #expect(window.openAll() == ["d"])
            // They gave their places back already.
            #expect(window.answered(1) == "a")
            #expect(window.answered(3) == "c")
            #expect(window.openAll() == [])
            #expect(window.answered(2) == "b")
            #expect(window.openAll() == ["e"])
        }
    }

    @Test("claims above the limit wait for an answer, in order")
    func waits() async throws {
        try await withWindow(of: ["a", "b", "c", "d"]) { window in
            #expect(window.openAll() == ["a", "b"])
            #expect(window.answered(2) == "b")
            #expect(window.openAll() == ["c"])
            #expect(window.answered(1) == "a")
            #expect(window.openAll() == ["d"])
        }
    }

    @Test("the claim of a closed connection is dropped")
    func gone() async throws {
        try await withWindow(of: ["a", "b", "c"], firstIsGone: true) { window in
            #expect(window.openAll() == ["b", "c"])
            #expect(window.answered(1) == nil)
        }
    }

    @Test("removing all claims drops open and waiting ones")
    func removed() async throws {
        try await withWindow(of: ["a", "b", "c"]) { window in
            #expect(window.openAll() == ["a", "b"])
            window.removeAll()
            #expect(window.answered(1) == nil)
            #expect(window.openAll().isEmpty)
        }
    }

    @Test("only the first answer to a claim returns its claimant")
    func once() async throws {
        try await withWindow(of: ["a"]) { window in
            #expect(window.openAll() == ["a"])
            #expect(window.answered(1) == "a")
            #expect(window.answered(1) == nil)
        }
    }
}
