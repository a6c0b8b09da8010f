import Testing

@testable import Transport

@Suite("Trusted proxies: the peers whose information about clients is believed")
struct TrustedProxiesTests {
    @Test(
        "an address, a network, loopback and unix contain their peers",
        arguments: [
            ("10.0.0.1", "10.0.0.1", true), ("10.0.0.1", "10.0.0.2", false), ("10.0.0.1", "", false),
            ("10.0.0.0/8", "10.255.0.1", true), ("10.0.0.0/8", "11.0.0.1", false), ("10.0.0.0/31", "10.0.0.1", true),
            ("10.0.0.0/31", "10.0.0.2", false), ("0.0.0.0/0", "203.0.113.9", true), ("0.0.0.0/0", "::1", false),
            ("::/0", "2001:db8::1", true), ("::/0", "203.0.113.9", false), ("::1", "::1", true),
            ("::1", "0:0::1", true), ("fd00::/8", "fdff:1::2", true), ("fd00::/8", "fe00::1", false),
            ("fd00::/128", "fd00::", true), ("fd00::/128", "fd00::1", false),
            ("2001:DB8::/33", "2001:db8:7fff::1", true),
            ("2001:DB8::/33", "2001:db8:8000::1", false), ("loopback", "127.9.8.7", true), ("loopback", "::1", true),
            ("loopback", "128.0.0.1", false), ("loopback", "::2", false), ("loopback", "", false), ("unix", "", true),
            ("unix", "127.0.0.1", false), ("10.0.0.0/8 , ::1,, unix ,", "", true), ("10.0.0.1,::1", "::1", true),
            ("", "127.0.0.1", false), ("", "", false), (" , ", "127.0.0.1", false),
        ])
    func contains(list: String, peer: String, isTrusted: Bool) throws {
        #expect(try TrustedProxies(list).contains(peer: peer) == isTrusted)
    }

    @Test(
        "an IPv4-mapped peer is its IPv4 address, and the interface of a link-local peer is ignored",
        arguments: [
            ("10.0.0.0/8", "::ffff:10.1.2.3", true), ("::ffff:10.0.0.0/104", "10.1.2.3", true),
            ("::ffff:10.0.0.0/104", "11.1.2.3", false), ("::ffff:10.1.2.3", "10.1.2.3", true),
            ("loopback", "::ffff:127.0.0.1", true), ("fe80::/10", "fe80::1%eth0", true), ("fe80::1", "fe80::1%2", true),
            ("fe80::1", "fe80::2%eth0", false),
        ])
    func mapped(list: String, peer: String, isTrusted: Bool) throws {
        #expect(try TrustedProxies(list).contains(peer: peer) == isTrusted)
    }

    @Test("a peer that is no address is not trusted", arguments: ["unix", "localhost", "%eth0", "1.2.3", "1.2.3.4\0"])
    func noAddress(peer: String) throws {
        #expect(try !TrustedProxies("0.0.0.0/0, ::/0, unix").contains(peer: peer))
    }

    @Test(
        "an element without a valid form is refused",
        arguments: [
            "proxy.example", "localhost", "10.0.0.256", "10.0.0", "10.0.0.1.2", "010.0.0.1", "10.0.0.0/", "10.0.0.0/33",
            "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/8/8", "/8", "::/129", "::1/0128", ":::", "[::1]", "10.0.0.1:80",
            "fe80::1%eth0", "10.0.0.1\0", "10.0.0.1 10.0.0.2", "*", "Loopback", "1::2::3",
        ])
    func refused(element: String) {
        #expect(throws: TrustedProxies.WrittenError.self) { try TrustedProxies("127.0.0.1, \(element)") }
    }

    @Test(
        "a network whose address has bits after the prefix is refused with the right form",
        arguments: [
            ("10.0.0.1/8", "10.0.0.0/8"), ("fd00::1/8", "fd00::/8"), ("192.168.1.1/24", "192.168.1.0/24"),
            ("1.2.3.4/0", "0.0.0.0/0"),
        ])
    func bitsAfterPrefix(element: String, right: String) {
        #expect {
            try TrustedProxies(element)
        } throws: { "\($0)".contains("\"\(element)\"") && "\($0)".contains("write \(right) ") }
    }

    @Test("everyone is every peer, and none is no peer", arguments: ["", "127.0.0.1", "::1", "203.0.113.9", "fd00::1"])
    func everyone(peer: String) {
        #expect(TrustedProxies.everyone.contains(peer: peer))
        #expect(!TrustedProxies.none.contains(peer: peer))
        #expect(TrustedProxies.none.isEmpty && !TrustedProxies.everyone.isEmpty)
    }

    @Test(
        "an address is written in its shortest form",
        arguments: [
            ("2001:DB8:0:0::1", "2001:db8::1"), ("0.0.0.0", "0.0.0.0"), ("255.1.2.3", "255.1.2.3"),
            ("::ffff:1.2.3.4", "1.2.3.4"), ("::", "::"), ("::1", "::1"),
        ])
    func description(text: String, short: String) throws {
        #expect("\(try #require(IPAddress(text.utf8)))" == short)
    }
}
