import Testing

@testable import Transport

@Suite("Addresses of HTTP services")
struct HTTPEndpointTests {
    @Test(
        "a URL names a host, a port and a path",
        arguments: [
            ("http://127.0.0.1:8080/auth?site=1", "127.0.0.1", 8080, "/auth?site=1", "127.0.0.1:8080"),
            ("http://site", "site", 80, "/", "site"),
            ("HTTP://site?x", "site", 80, "/?x", "site"),
            ("http://[::1]:81/", "[::1]", 81, "/", "[::1]:81"),
            ("http://u:p@site/a@b", "site", 80, "/a@b", "site"),
        ] as [(String, String, UInt16, String, String)])
    func hosts(url: String, host: String, port: UInt16, target: String, authority: String) throws {
        let endpoint = try #require(HTTPEndpoint(url: url))
        #expect(endpoint.place == .host(host, port: port))
        #expect(endpoint.target == target && endpoint.authority == authority)
    }

    @Test("unix: names a socket and perhaps a path")
    func unixSockets() throws {
        for (url, path, target) in [
            ("unix:/run/site.sock", "/run/site.sock", "/"), ("unix:/run/a:b.sock:/auth?x", "/run/a:b.sock", "/auth?x"),
            ("unix:@site:/auth", "@site", "/auth"),
        ] {
            let endpoint = try #require(HTTPEndpoint(url: url))
            #expect(endpoint.place == .unixSocket(try SocketAddress(unixPath: path)))
            #expect(endpoint.target == target && endpoint.isNumeric)
        }
    }

    @Test(
        "other texts are no addresses",
        arguments: [
            "", "http://", "http:///auth", "https://site", "http://site:0", "http://site:65536", "http://site:x",
            "http://site:+80", "http://site/ab c", "http://site/#a", "http://si\u{E4}te", "site:80", "unix:",
            "unix:site.sock",
            "http://%@site", "http://a%3Ab:c@site", "http://site\r\nX: y", "ftp://site", "http://a,b\\c/",
            "http://site/" + String(repeating: "x", count: HTTPEndpoint.maxURL),
        ])
    func refused(url: String) {
        #expect(HTTPEndpoint(url: url) == nil)
    }

    @Test("a request has the decoded user and password as basic authorization")
    func request() throws {
        let endpoint = try #require(HTTPEndpoint(url: "http://chatd:p%40ss@site:81/auth"))
        #expect(
            String(decoding: endpoint.post(json: Array("{}".utf8)), as: UTF8.self)
                == """
                POST /auth HTTP/1.1\r\nHost: site:81\r\nAccept: application/json\r\nContent-Type: application/json\r
                Content-Length: 2\r\nConnection: close\r\nAuthorization: Basic Y2hhdGQ6cEBzcw==\r\n\r\n{}
                """)
        let plain = try #require(HTTPEndpoint(url: "unix:/run/site.sock"))
        let text = String(decoding: plain.post(json: []), as: UTF8.self)
        #expect(text.hasPrefix("POST / HTTP/1.1\r\nHost: localhost\r\n") && !text.contains("Authorization"))
    }
}
