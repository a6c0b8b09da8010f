import TestSupport
import Testing

@testable import Transport

@Suite("Connections of proxies: the client of each request")
struct ProxyConnectionTests {
    static let forwarded = ["X-Forwarded-For: 6.6.6.6, 1.2.3.4", "X-Forwarded-Proto: https"]

    @Test("the headers of a trusted peer name the client, its scheme and the host")
    func trusted() async throws {
        try await ProxyFixture.run("loopback") { server in
            let hosts = Self.forwarded + ["X-Forwarded-Host: a.localhost:8443"]
            try await server.expect(ProxyFixture.request(hosts), gives: ["1.2.3.4 https a.localhost:8443 0"])
            try await server.expect(ProxyFixture.request(), gives: ["127.0.0.1 http localhost 0"])
        }
    }

    @Test(
        "the headers and the PROXY header of any other peer have no effect", arguments: ["", "10.0.0.0/8, unix, ::1"])
    func untrusted(proxies: String) async throws {
        try await ProxyFixture.run(proxies) { server in
            let hosts = Self.forwarded + ["X-Forwarded-Host: a.localhost:8443"]
            try await server.expect(ProxyFixture.request(hosts), gives: ["127.0.0.1 http localhost 0"])
            for header in ["PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n", "\r\n\r\n\0\r\nQUIT\n \0\0\0"] {
                try await server.expect(header + ProxyFixture.request(), gives: ["400"])
            }
        }
    }

    @Test(
        "an untrusted peer that begins with a PROXY header is reported once",
        arguments: ["PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n", "\r\n\r\n\0\r\nQUIT\n \0\0\0"])
    func untrustedHeader(header: String) async throws {
        try await ProxyFixture.run("10.0.0.0/8") { server in
            try await server.expect("GARBAGE\r\n\r\n", gives: ["400"])
            #expect(await server.reports == [])
            for _ in 0..<3 { try await server.expect(header + ProxyFixture.request(), gives: ["400"]) }
            #expect(await server.reports == ["127.0.0.1 sends a PROXY header"])
        }
        // The second header is one of the client.
        try await ProxyFixture.run("loopback") { server in
            let first = "PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n"
            try await server.expect(first + header + ProxyFixture.request(), gives: ["400"])
            #expect(await server.reports == [])
        }
    }

    @Test("a client that a trusted peer names in no known form is unknown, and does not count as the proxy")
    func unknown() async throws {
        try await ProxyFixture.run("127.0.0.1") { server in
            let commas = String(repeating: ",", count: 40)
            for value in ["garbage", "1.2.3.4, garbage", "garbage, 127.0.0.1", "1.2.3.4" + commas] {
                try await server.expect(
                    ProxyFixture.request(["X-Forwarded-For: \(value)"]), gives: ["unknown http localhost 0"])
            }
        }
    }

    @Test("the pipelined requests of one connection may have different clients")
    func perRequest() async throws {
        try await ProxyFixture.run("127.0.0.1") { server in
            let requests = [
                ProxyFixture.request(["X-Forwarded-For: 1.1.1.1"], isLast: false),
                ProxyFixture.request(
                    ["X-Forwarded-For: 2.2.2.2", "X-Forwarded-Proto: https"], body: "abc", isLast: false),
                ProxyFixture.request(isLast: false),
                ProxyFixture.request(["X-Forwarded-For: ::1"]),
            ]
            let expected = [
                "1.1.1.1 http localhost 0", "2.2.2.2 https localhost 3", "127.0.0.1 http localhost 0",
                "::1 http localhost 0",
            ]
            try await server.expect(requests.joined(), gives: expected)
        }
    }

    @Test("a body that arrives after its head keeps the client that the head named")
    func lateBody() async throws {
        try await ProxyFixture.run("127.0.0.1") { server in
            let client = try EngineClient(port: server.port)
            let headers = Self.forwarded + ["Content-Length: 2", "Expect: 100-continue", "Connection: close"]
            client.send(EngineClient.request("POST", "/", headers: headers))
            _ = try await client.read { $0.contains("100 Continue") }
            client.send("ab")
            #expect(ProxyFixture.answers(in: try await client.readToEnd()) == ["1.2.3.4 https localhost 2"])
        }
    }

    @Test(
        "a connection may begin with a PROXY header of either version",
        arguments: [
            ("PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n", "1.2.3.4"), ("PROXY TCP6 2001:db8::1 ::1 1 2\r\n", "2001:db8::1"),
            ("PROXY UNKNOWN\r\n", "127.0.0.1"), ("", "127.0.0.1"),
            ("\r\n\r\n\0\r\nQUIT\n!\u{11}\0\u{0C}\u{1}\u{2}\u{3}\u{4}\0\0\0\0\0\0\0\0", "1.2.3.4"),
            ("\r\n\r\n\0\r\nQUIT\n \0\0\0", "127.0.0.1"), ("\r\n\r\n\0\r\nQUIT\n!\0\0\0", "127.0.0.1"),
            ("\r\n\r\n\0\r\nQUIT\n\"", nil), ("PROXY TCP4 1.2.3.4\r\n", nil), ("PROXY \n", nil),
        ])
    func proxyHeader(header: String, peer: String?) async throws {
        try await ProxyFixture.run("127.0.0.0/8") { server in
            guard let peer else {
                try await server.expect(header + ProxyFixture.request(), gives: ["400"])
                return
            }
            // All at once, and byte by byte, with a second request on the connection.
            let text = header + ProxyFixture.request(isLast: false) + ProxyFixture.request()
            let expected = Array(repeating: "\(peer) http localhost 0", count: 2)
            try await server.expect(text, gives: expected)
            let client = try EngineClient(port: server.port)
            for scalar in text.unicodeScalars { client.send(String(scalar)) }
            #expect(ProxyFixture.answers(in: try await client.readToEnd()) == expected)
        }
    }

    @Test("only the first bytes of a connection can be a PROXY header")
    func onlyOnce() async throws {
        try await ProxyFixture.run("127.0.0.0/8") { server in
            let header = "PROXY TCP4 127.0.0.9 5.6.7.8 1 2\r\n"
            let first = ProxyFixture.request(isLast: false)
            try await server.expect(header + header + first, gives: ["400"])
            try await server.expect(header + first + header + first, gives: ["127.0.0.9 http localhost 0", "400"])
            try await server.expect(first + header + first, gives: ["127.0.0.1 http localhost 0", "400"])
        }
    }

    @Test(
        "after a PROXY header, forwarded headers are believed only if its source is trusted",
        arguments: [
            ("PROXY TCP4 127.0.0.9 5.6.7.8 1 2\r\n", "1.2.3.4 https"),
            ("PROXY TCP4 9.9.9.9 5.6.7.8 1 2\r\n", "9.9.9.9 http"),
            // The client is unknown, so its headers are not the proxy's.
            ("PROXY UNKNOWN\r\n", "127.0.0.1 http"), ("\r\n\r\n\0\r\nQUIT\n!\0\0\0", "127.0.0.1 http"),
            // With the field that says TLS.
            ("\r\n\r\n\0\r\nQUIT\n!\u{11}\0\u{10}\u{9}\u{9}\u{9}\u{9}\0\0\0\0\0\0\0\0 \0\u{1}\u{1}", "9.9.9.9 https"),
            // The proxy's own connection.
            ("\r\n\r\n\0\r\nQUIT\n \0\0\0", "1.2.3.4 https"),
        ])
    func sourceTrust(header: String, client: String) async throws {
        try await ProxyFixture.run("127.0.0.0/8") { server in
            let answers = try await server.answers(header + ProxyFixture.request(Self.forwarded))
            #expect(answers == ["\(client) localhost 0"])
        }
    }

    @Test("an unfinished PROXY header is refused with 408 like an unfinished head")
    func unfinished() async throws {
        let beginnings = ["PROXY TCP4 1.2", "\r\n\r\n\0\r\nQUIT\n!\u{11}\0\u{0C}", "P", "\r\n"]
        try await ProxyFixture.run("loopback", headTimeout: .milliseconds(200)) { server in
            for beginning in beginnings {
                try await server.expect(beginning, gives: ["408"])
            }
            #expect(await server.refusals == beginnings.count)
            // No request has begun on these connections.
            for beginning in ["", "PROXY UNKNOWN\r\n"] {
                try await server.expect(beginning, gives: [])
            }
            #expect(await server.refusals == beginnings.count)
        }
    }

    @Test("a client that ends its side in a PROXY header gets no answer")
    func ended() async throws {
        try await ProxyFixture.run("loopback") { server in
            for beginning in ["PROXY TCP4 1.2", "\r\n\r\n\0\r\nQUIT\n!\u{11}\0\u{0C}", "P", "\r\n"] {
                let client = try EngineClient(port: server.port)
                client.send(beginning)
                client.endSending()
                #expect(try await client.readToEnd().isEmpty)
            }
        }
    }

    @Test("a connection that is idle for longer than the keep-alive time is closed")
    func keepAlive() async throws {
        try await ProxyFixture.run("", keepAlive: .milliseconds(150)) { server in
            let start = ContinuousClock.now
            try await server.expect(ProxyFixture.request(isLast: false), gives: ["127.0.0.1 http localhost 0"])
            #expect(.milliseconds(150)..<(.seconds(10)) ~= ContinuousClock.now - start)
        }
    }

    @Test("the host policy must allow the request's own host and the forwarded one")
    func hosts() async throws {
        let named = HostPolicy.names([try #require(HostPattern("chat.example"))])
        try await ProxyFixture.run("loopback", hosts: named) { server in
            func request(_ host: String, _ forwarded: String) -> String {
                "GET / HTTP/1.1\r\nHost: \(host)\r\nX-Forwarded-Host: \(forwarded)\r\nConnection: close\r\n\r\n"
            }
            try await server.expect(request("127.0.0.1:3000", "chat.example"), gives: ["127.0.0.1 http chat.example 0"])
            try await server.expect(request("127.0.0.1:3000", "evil.example"), gives: ["403"])
            // A page that reached the server by DNS rebinding.
            try await server.expect(request("evil.example", "chat.example"), gives: ["403"])
            try await server.expect(request("evil.example", "localhost"), gives: ["403"])
        }
    }
}
