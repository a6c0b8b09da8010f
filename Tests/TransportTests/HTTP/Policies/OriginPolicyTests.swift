import Testing

@testable import Transport

@Suite("Origin policy: the pages that may use the server")
struct OriginPolicyTests {
    typealias Row = (setup: String, origin: String?, host: String?, isAllowed: Bool)

    static let pages: [Row] = [
        ("no browser", nil, "localhost:3000", true),
        ("no browser, HTTP/1.0", nil, nil, true),
        ("the server's own page", "http://localhost:3000", "localhost:3000", true),
        ("capital letters", "HTTP://LocalHost:3000", "lOCALHOST:3000", true),
        ("an IPv6 address keeps its brackets", "http://[::1]:3000", "[::1]:3000", true),
        ("an IPv6 address on the default port", "http://[::1]", "[::1]:80", true),
        ("an IPv6 address is not a host and port", "http://[::80]", "[::80]", true),
        ("an IPv6 address without brackets", "http://[::1]", "::1", false),
        ("python-socketio", "http://localhost:3000", "localhost:3000", true),
        ("port 80", "http://chat.example", "chat.example", true),
        ("port 80 in the host only", "http://chat.example", "chat.example:80", true),
        ("port 80 in the origin only", "http://chat.example:80", "chat.example", true),
        ("TLS in front", "https://chat.example", "chat.example", true),
        ("TLS in front, port in the host only", "https://chat.example", "chat.example:443", true),
        ("TLS in front, port in the origin only", "https://chat.example:443", "chat.example", true),
        ("TLS in front on another port", "https://chat.example:8443", "chat.example:8443", true),
        ("https on port 80", "https://chat.example:80", "chat.example:80", false),
        ("vite, direct", "http://localhost:5173", "localhost:3000", false),
        ("vite as a proxy", "http://localhost:5173", "localhost:5173", true),
        ("vite as a proxy, changeOrigin", "http://localhost:5173", "localhost:3000", false),
        ("nginx with its default Host", "http://chat.example", "127.0.0.1:3000", false),
        ("nginx with $http_host on 8080", "http://chat.example:8080", "chat.example:8080", true),
        ("nginx with $host on 8080", "http://chat.example:8080", "chat.example", false),
        ("another page of this machine", "http://localhost:8000", "localhost:3000", false),
        ("another name of this machine", "http://127.0.0.1:3000", "localhost:3000", false),
        ("a foreign page", "https://evil.example", "localhost:3000", false),
        ("a name that begins like the host", "http://localhost:3000.evil.example", "localhost:3000", false),
        ("a name that ends like the host", "http://evil-chat.example", "chat.example", false),
        ("a subdomain", "http://evil.chat.example", "chat.example", false),
        ("a user in front", "http://chat.example@evil.example", "chat.example", false),
        ("a sandboxed page", "null", "null", false),
        ("a local file", "file://", "", false),
        ("a local file, HTTP/1.0", "file://", nil, false),
        ("an app", "capacitor://localhost", "localhost:3000", false),
        ("HTTP/1.0 without Host", "http://localhost:3000", nil, false),
        ("no scheme", "localhost:3000", "localhost:3000", false),
        ("a path", "http://localhost:3000/", "localhost:3000", false),
        ("two origins", "http://localhost:3000 http://evil.example", "localhost:3000", false),
        ("two headers", "http://localhost:3000, http://localhost:3000", "localhost:3000", false),
        ("an empty origin", "", "localhost:3000", false),
        ("an empty origin and host", "", "", false),
        ("bytes beyond ASCII", "http://ä.example", "ä.example", false),
    ]

    @Test("only pages of the requested host are allowed, compared by authority", arguments: pages)
    func sameHost(row: Row) {
        #expect(OriginPolicy.sameHost.allows(origin: row.origin, authority: row.host) == row.isAllowed, "\(row.setup)")
    }

    @Test(
        "pages of the listed origins are allowed too, and no others",
        arguments: [
            ("https://good.example", true), ("HTTPS://Good.example:443", true), ("http://good.example", false),
            ("https://good.example:8443", false), ("https://evil.good.example", false), ("capacitor://localhost", true),
            ("chrome-extension://abcdef", true), ("chrome-extension://abcdeg", false), ("null", true),
            ("file://", true),
            ("https://localhost:3000", true), ("https://evil.example", false),
        ])
    func listed(origin: String, isAllowed: Bool) throws {
        let listed = try [
            "https://good.example", "capacitor://localhost", "chrome-extension://abcdef", "null", "file://",
        ].map { try WebOrigin($0) }
        #expect(OriginPolicy.sameHostAnd(listed).allows(origin: origin, authority: "localhost:3000") == isAllowed)
    }

    @Test("listing null does not allow file://, nor the reverse")
    func nullAndFile() throws {
        let null = OriginPolicy.sameHostAnd([.null])
        let file = OriginPolicy.sameHostAnd([try WebOrigin("file://")])
        #expect(null.allows(origin: "null", authority: nil) && !null.allows(origin: "file://", authority: nil))
        #expect(file.allows(origin: "file://", authority: nil) && !file.allows(origin: "null", authority: nil))
    }

    @Test("any allows every page", arguments: ["https://evil.example", "null", "file://", "", "http://ä", nil])
    func any(origin: String?) {
        #expect(OriginPolicy.any.allows(origin: origin, authority: nil))
    }

    @Test("headers repeat the origin as received, and only if it is listed")
    func headers() throws {
        #expect(OriginPolicy.sameHost.headers(origin: "http://a").isEmpty)
        #expect(OriginPolicy.any.headers(origin: "http://a").map(\.1) == ["*"])
        let some = OriginPolicy.sameHostAnd([try WebOrigin("http://a")])
        #expect(some.headers(origin: "http://A").map(\.1) == ["http://A", "true", "Origin"])
        #expect(some.headers(origin: "http://b").map(\.0) == ["Vary"])
        #expect(some.headers(origin: nil).map(\.0) == ["Vary"])
    }

    @Test("a preflight answer repeats the requested header names, and nothing that is not a name")
    func preflight() {
        let names = [Array("content-type".utf8)[...], Array("x-a".utf8)[...]]
        #expect(OriginPolicy.any.preflightHeaders(requestedHeaders: names).last?.1 == "content-type,x-a")
        for other in ["", "a b", "<script>"] {
            let asked = names + [Array(other.utf8)[...]]
            #expect(OriginPolicy.any.preflightHeaders(requestedHeaders: asked).count == 1)
        }
        #expect(OriginPolicy.any.preflightHeaders(requestedHeaders: []).count == 1)
    }
}
