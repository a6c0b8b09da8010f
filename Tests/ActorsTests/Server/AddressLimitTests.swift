import Testing
import Transport

@testable import Actors

@Suite("Clients of one address above its limits are refused, and those of other addresses are not", .overEachLink)
struct AddressLimitTests {
    static let target = "GET /socket.io/?EIO=4&transport=polling"

    static func client(_ address: String) -> TestClient.Options {
        var options = TestClient.Options()
        options.address = address
        return options
    }

    @Test("connections above the limit of an address get 429, until one of its connections has ended")
    func connections() async throws {
        let options = ServerOptions(addressLimits: AddressLimits(connections: 2))
        try await TestServer.run(options) { server in
            let first = try await server.join(Self.client("192.0.2.1"))
            _ = try await server.join(Self.client("192.0.2.1"))
            let refusal = try await TestRequest.answer(to: Self.target, port: server.port, from: "192.0.2.1")
            #expect(refusal.hasPrefix("HTTP/1.1 429 "))
            _ = try await server.join(Self.client("192.0.2.2"))
            for _ in 0..<4 { _ = try await server.join() }
            #expect(await server.server.status.http.limited == [.addressConnections: 1])
            #expect(server.reports.all.count == 1)

            first.close()
            try await eventually { await server.server.status.connections == 6 }
            _ = try await server.join(Self.client("192.0.2.1"))
        }
    }

    @Test("sessions above the limit of an address get 429, also if they need no connection")
    func sessions() async throws {
        let options = ServerOptions(addressLimits: AddressLimits(connections: 2))
        try await TestServer.run(options) { server in
            for number in 0..<4 {
                let address = "2001:db8::\(number)"
                let answer = try await TestRequest.answer(to: Self.target, port: server.port, from: address)
                #expect(answer.hasPrefix(number < 2 ? "HTTP/1.1 200 " : "HTTP/1.1 429 "))
            }
            #expect(await server.server.status.http.limited == [.addressSessions: 2])
            #expect(await server.server.status.sessions == 2)
        }
    }

    @Test("sessions opened faster than the rate get 429 with the time to wait")
    func handshakes() async throws {
        let options = ServerOptions(addressLimits: AddressLimits(handshakes: RateLimit(perSecond: 1, burst: 2)))
        try await TestServer.run(options) { server in
            var answers: [String] = []
            for _ in 0..<3 {
                answers.append(try await TestRequest.answer(to: Self.target, port: server.port, from: "192.0.2.1"))
            }
            #expect(answers.map { $0.dropFirst(9).prefix(3) } == ["200", "200", "429"])
            #expect(answers[2].contains("\r\nRetry-After: 1\r\n"))
            #expect(await server.server.status.http.limited == [.handshakes: 1])
        }
    }

    @Test("connections above the limit of the server get 503, whatever their address")
    func total() async throws {
        try await TestServer.run(ServerOptions(maxConnections: 2)) { server in
            let first = try await server.join()
            _ = try await server.join(Self.client("192.0.2.1"))
            let refusal = try await TestRequest.answer(to: Self.target, port: server.port, from: "192.0.2.2")
            #expect(refusal.hasPrefix("HTTP/1.1 503 "))
            #expect(await server.server.status.http.limited == [.connections: 1])
            first.close()
            try await eventually { await server.server.status.connections == 1 }
            _ = try await server.join()
        }
    }
}
