import Testing

@testable import Transport

@Suite("Engine.IO behind a proxy: origins, addresses and schemes")
struct ForwardedRequestTests {
    typealias Row = (origin: String, forwarded: [String], isAllowed: Bool)

    /// The Host of each request is localhost.
    static let rows: [Row] = [
        ("https://chat.localhost", ["Host: chat.localhost"], true),
        ("https://chat.localhost", [], false),
        ("http://localhost", ["Host: chat.localhost"], false),
        ("https://chat.localhost", ["Host: evil.localhost, chat.localhost"], true),
        ("https://evil.localhost", ["Host: evil.localhost, chat.localhost"], false),
        ("https://chat.localhost:8443", ["Host: chat.localhost:8443", "Proto: https"], true),
        ("https://chat.localhost", ["Host: chat.localhost:443", "Proto: https"], true),
        ("https://chat.localhost", ["Host: chat.localhost:80", "Proto: https"], false),
        ("http://chat.localhost", ["Host: chat.localhost:80", "Proto: http"], true),
        ("http://chat.localhost", ["Host: chat.localhost:443", "Proto: http"], false),
        // Without the scheme, either default port may be omitted.
        ("https://chat.localhost", ["Host: chat.localhost:80"], true),
        ("https://localhost", ["Proto: https"], true),
    ]

    @Test("a page's origin is compared with the forwarded host", arguments: rows)
    func origins(row: Row) async throws {
        let headers = ["Origin: \(row.origin)"] + row.forwarded.map { "X-Forwarded-\($0)" }
        try await EngineFixture.run(EngineOptions(), proxies: try TrustedProxies("loopback")) { server in
            let answer = try await server.answer(headers: headers)
            #expect(answer.hasPrefix("HTTP/1.1 \(row.isAllowed ? 200 : 403) "))
            let handshake = try await server.handshake(headers: headers)
            #expect(handshake.head.hasPrefix("HTTP/1.1 \(row.isAllowed ? 101 : 403) "))
        }
    }

    @Test("the forwarded host of an untrusted peer allows no page")
    func untrusted() async throws {
        try await EngineFixture.run(EngineOptions(), proxies: try TrustedProxies("10.0.0.0/8")) { server in
            let headers = ["Origin: https://chat.localhost", "X-Forwarded-Host: chat.localhost"]
            let answer = try await server.answer(headers: headers)
            #expect(answer.hasPrefix("HTTP/1.1 403 "))
        }
    }

    @Test("hooks and reports get the client's address and scheme")
    func hooks() async throws {
        var options = EngineOptions()
        options.allowRequest { request in
            throw EngineRefusal("\(request.address) \(request.head.isSecure) \(request.head.authority ?? "")")
        }
        let headers = ["X-Forwarded-For: 1.2.3.4", "X-Forwarded-Proto: https", "X-Forwarded-Host: chat.localhost"]
        try await EngineFixture.run(options, proxies: try TrustedProxies("loopback")) { server in
            _ = try await server.answer(headers: headers)
            #expect(server.refused.map(\.message) == ["1.2.3.4 true chat.localhost"])
            #expect(server.refused.map(\.request.address) == ["1.2.3.4"])
        }
        try await EngineFixture.run(options) { server in
            _ = try await server.answer(headers: headers)
            #expect(server.refused.map(\.message) == ["127.0.0.1 false localhost"])
        }
    }

    @Test("a session that keeps no request keeps the client's scheme")
    func reduced() throws {
        var head = try HTTPRequestHead(.get, "/", headers: [("X", "chat.example")], isSecure: true)
        #expect(head.authority == "localhost" && head.isSecure)
        #expect(head.reduced(to: []).isSecure && head.reduced(to: []).authority == nil)
        head.forwarding = HTTPForwarding(isSecure: false, authority: head.headers.rawValues(of: "X").first)
        #expect(head.authority == "chat.example" && head.receivedAuthority == "localhost" && !head.isSecure)
        #expect(!head.reduced(to: []).isSecure && head.reduced(to: []).authority == nil)
    }
}
