import TestSupport
import Testing

@testable import Transport

@Suite("The limit of an address's connections behind a proxy with the PROXY protocol")
struct ProxyLimitTests {
    /// Sends a request on a new connection that stays open, and reads the answer.
    private func open(_ header: String, at server: ProxyFixture) async throws -> EngineClient {
        let client = try EngineClient(port: server.port)
        client.send(header + ProxyFixture.request(isLast: false))
        _ = try await client.read { $0.contains("peer ") }
        return client
    }

    @Test(
        "a connection counts at the client that its header names, and one too many gets 429",
        arguments: [
            ("PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n", "1.2.3.4", "1.2.3.4"),
            ("PROXY TCP6 2001:db8::1 ::1 1 2\r\n", "2001:db8::1", "2001:db8::/64"),
            ("\r\n\r\n\0\r\nQUIT\n!\u{11}\0\u{0C}\u{1}\u{2}\u{3}\u{4}\0\0\0\0\0\0\0\0", "1.2.3.4", "1.2.3.4"),
        ])
    func counts(header: String, client: String, group: String) async throws {
        let limits = AddressLimits(connections: 2)
        try await ProxyFixture.run("loopback", addressLimits: limits) { server in
            var clients = [try await open(header, at: server)]
            #expect(await server.openConnections(of: client) == [1, 1])
            clients.append(try await open(header, at: server))
            #expect(await server.openConnections(of: client) == [2, 2])
            try await server.expect(header + ProxyFixture.request(isLast: false), gives: ["429"])
            #expect(await server.limited == 1)
            // It is no refused request as well.
            #expect(await server.refusals == 0)
            #expect(await server.reports == ["addressConnections, \(group)"])
            // Other clients have a limit of their own, and the proxy itself has none.
            for (other, name) in [("TCP4 1.2.3.5 5.6.7.8 1 2", "1.2.3.5"), ("UNKNOWN", "127.0.0.1")] {
                try await server.expect(
                    "PROXY \(other)\r\n" + ProxyFixture.request(), gives: ["\(name) http localhost 0"])
            }
            clients.removeLast()
            try await eventually { await server.openConnections(of: client) == [1, 1] }
            try await server.expect(header + ProxyFixture.request(), gives: ["\(client) http localhost 0"])
            clients.removeAll()
            try await eventually { await server.openConnections(of: client) == [0, 0] }
        }
    }
}
