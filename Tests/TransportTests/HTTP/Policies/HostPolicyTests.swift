import Testing

@testable import Transport

@Suite("Host policy: the names that the server answers to")
struct HostPolicyTests {
    static let always: [String?] = [
        nil, "", "localhost", "localhost:3000", "LOCALHOST", "localhost.", "app.localhost:3000", "a.b.localhost",
        "127.0.0.1", "127.0.0.1:3000", "192.168.1.7:80", "10.0.0.1", "127.1", "2130706433", "[::1]", "[::1]:3000",
        "[fe80::1]", "[::ffff:127.0.0.1]:3000",
    ]
    static let foreign = [
        "evil.example", "evil.example:3000", "localhost.evil.example", "notlocalhost", "127.0.0.1.evil.example",
        "1.2.3.4.nip.io", ".localhost", "[evil]", "[::1].evil.example", "chat.local",
    ]

    @Test("localhost, addresses and a missing host are always allowed", arguments: always)
    func allowed(host: String?) throws {
        let named = HostPolicy.names([try #require(HostPattern("chat.example"))])
        for policy in [HostPolicy.automatic, named] {
            #expect(policy.allows(authority: host, isLoopbackOnly: true))
            #expect(policy.allows(authority: host, isLoopbackOnly: false))
        }
    }

    @Test(
        "without a list, foreign names are refused only if the server listens on loopback addresses alone",
        arguments: foreign)
    func refused(host: String) throws {
        let named = HostPolicy.names([try #require(HostPattern("chat.example"))])
        #expect(!HostPolicy.automatic.allows(authority: host, isLoopbackOnly: true))
        #expect(HostPolicy.automatic.allows(authority: host, isLoopbackOnly: false))
        #expect(!named.allows(authority: host, isLoopbackOnly: true))
        #expect(!named.allows(authority: host, isLoopbackOnly: false))
        #expect(HostPolicy.any.allows(authority: host, isLoopbackOnly: true))
    }

    @Test(
        "a listed name allows only itself, and *.name allows all names below name",
        arguments: [
            ("chat.example", "chat.example:8080", true), ("chat.example", "CHAT.example.", true),
            ("Chat.Example:443 ", "chat.example", true), ("chat.example", "a.chat.example", false),
            ("chat.example", "chat.example.evil", false), ("*.chat.example", "a.chat.example", true),
            ("*.chat.example", "a.b.chat.example:1", true), ("*.chat.example", "chat.example", false),
            ("*.chat.example", ".chat.example", false), ("*.chat.example", "xchat.example", false),
        ])
    func names(written: String, host: String, isAllowed: Bool) throws {
        let policy = HostPolicy.names([try #require(HostPattern(written))])
        #expect(policy.allows(authority: host, isLoopbackOnly: false) == isAllowed)
    }

    @Test(
        "a pattern that is not a host is refused",
        arguments: [
            "", " ", "*", "*.", "*.*.example", "a.*.example", ".example", "http://a.com", "a.com:x", "a b", "a/b",
            "[::1", "::1",
            "ä.example",
        ])
    func unwritable(written: String) {
        #expect(HostPattern(written) == nil)
    }

    @Test(
        "loopback is 127.0.0.0/8 and ::1",
        arguments: [
            ("127.0.0.1", true), ("127.9.9.9", true), ("::1", true), ("0.0.0.0", false), ("192.168.0.1", false),
            ("::", false),
        ])
    func loopback(host: String, isLoopback: Bool) {
        let address = SocketAddress(host: host, port: 1, isIPv6: host.contains(":"))
        #expect(address.isLoopback == isLoopback)
    }

    @Test("an inherited socket knows its address", arguments: ["127.0.0.1", "0.0.0.0"])
    func inherited(host: String) throws {
        let (sockets, _) = try ListeningSocket.bind(host: host, port: 0)
        defer { sockets[0].close() }
        #expect(try ListeningSocket(inherited: sockets[0].descriptor).address == sockets[0].address)
        #expect(sockets[0].address.host == host && sockets[0].address.port != 0)
    }

    @Test("each refused text is logged once, until the limit of texts is reached")
    func reports() {
        var reports = LimitedReports(limit: 3)
        #expect(reports.record("a") == .first && reports.record("a") == .known)
        let long = String(repeating: "x", count: 300)
        #expect(reports.record(long) == .first && reports.record(long + "y") == .known)
        #expect(reports.record("b") == .last)
        #expect(reports.record("c") == .known && reports.record("b") == .known)
        #expect(
            LimitedReports.logSafe("a\u{1B}b c\u{E9}") == "a?b?c??" && LimitedReports.logSafe(long).utf8.count == 256)
    }
}
