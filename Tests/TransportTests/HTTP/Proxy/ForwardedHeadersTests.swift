import TestSupport
import Testing

@testable import Transport

@Suite("Forwarded headers: what a trusted proxy says about its client")
struct ForwardedHeadersTests {
    static func forwarded(
        _ headers: [(String, String)], proxies: String = "10.0.0.0/8, ::1"
    ) throws -> ForwardedHeaders {
        let head = try HTTPRequestHead(.get, "/", headers: headers.map { (name: $0.0, value: $0.1) })
        return ForwardedHeaders(head.headers, proxies: try TrustedProxies(proxies))
    }

    @Test(
        "the client is the last address that is not a trusted proxy",
        arguments: [
            (["1.2.3.4"], "1.2.3.4"), (["6.6.6.6, 1.2.3.4"], "1.2.3.4"), (["6.6.6.6,1.2.3.4 ,10.0.0.1"], "1.2.3.4"),
            (["10.0.0.9, 10.0.0.1"], "10.0.0.9"), (["6.6.6.6", "1.2.3.4"], "1.2.3.4"),
            (["1.2.3.4", "10.0.0.1, ::1"], "1.2.3.4"), (["6.6.6.6, 1.2.3.4", "10.0.0.1"], "1.2.3.4"),
            (["2001:DB8::0:1"], "2001:db8::1"), (["::ffff:1.2.3.4"], "1.2.3.4"),
        ])
    func client(values: [String], client: String) throws {
        let forwarded = try Self.forwarded(values.map { ("X-Forwarded-For", $0) })
        #expect(forwarded.client == client)
    }

    @Test(
        "empty elements are skipped",
        arguments: [
            (["1.2.3.4,"], "1.2.3.4"), (["1.2.3.4,, ,10.0.0.1"], "1.2.3.4"), (["1.2.3.4", ""], "1.2.3.4"),
            (["1.2.3.4", "10.0.0.1 , ", "\t"], "1.2.3.4"), (["", "10.0.0.1"], "10.0.0.1"), ([""], nil),
            ([",", " , ,"], nil),
        ] as [([String], String?)])
    func emptyElements(values: [String], client: String?) throws {
        #expect(try Self.forwarded(values.map { ("X-Forwarded-For", $0) }).client == client)
    }

    @Test(
        "unix: is a peer over a Unix domain socket, if those are trusted",
        arguments: [
            ("1.2.3.4, unix:", "unix", "1.2.3.4"), ("1.2.3.4, unix:, 10.0.0.1", "10.0.0.0/8, unix", "1.2.3.4"),
            ("unix:", "unix", ""), ("1.2.3.4, unix:, 10.0.0.1", "10.0.0.0/8", "unknown"),
            ("1.2.3.4, unix:", "0.0.0.0/0", "unknown"), ("1.2.3.4, unix:/a", "unix", "unknown"),
            ("1.2.3.4, unix", "unix", "unknown"),
        ] as [(String, String, String?)])
    func unixPeer(value: String, proxies: String, client: String?) throws {
        #expect(try Self.forwarded([("X-Forwarded-For", value)], proxies: proxies).client == client)
    }

    @Test(
        "an address may have a port, and an IPv6 address brackets",
        arguments: [
            ("1.2.3.4:567", "1.2.3.4"), ("[2001:db8::1]", "2001:db8::1"), ("[2001:db8::1]:80", "2001:db8::1"),
            ("1.2.3.4, [::1]:80", "1.2.3.4"), ("\t1.2.3.4:1 ", "1.2.3.4"),
        ])
    func ports(value: String, client: String) throws {
        #expect(try Self.forwarded([("x-forwarded-for", value)]).client == client)
    }

    @Test(
        "if a malformed element comes before the client's address, the client is unknown, not the proxy",
        arguments: [
            "unknown", "1.2.3.4, unknown", "1.2.3.4, _hidden, 10.0.0.1", "1.2.3.4, unknown,", "1.2.3.4:", "1.2.3.4:x",
            "1.2.3.4:123456", "[1.2.3.4]", "[::1", "[::1]x", "[::1]:", "::1]", "\"1.2.3.4\"", "1.2.3.4 5.6.7.8",
            "fe80::1%eth0", "unix:", "1.2.3", "1.2.3.4, 10.0.0.2:port, 10.0.0.1",
        ])
    func malformed(value: String) throws {
        #expect(try Self.forwarded([("X-Forwarded-For", value)]).client == "unknown")
        #expect(try Self.forwarded([("X-Forwarded-For", value + ", 1.2.3.4")]).client == "1.2.3.4")
    }

    @Test("at most 32 elements are read")
    func bounded() throws {
        let proxies = (1...40).reversed().map { "10.0.0.\($0)" }
        let forwarded = try Self.forwarded([("X-Forwarded-For", (["1.2.3.4"] + proxies).joined(separator: ","))])
        #expect(forwarded.client == "unknown")
        let few = try Self.forwarded([("X-Forwarded-For", (["1.2.3.4"] + proxies.suffix(31)).joined(separator: ","))])
        #expect(few.client == "1.2.3.4")
        for (count, isRead) in [(31, true), (32, false)] {
            let commas = String(repeating: ",", count: count)
            for name in ["For", "Proto", "Host"] {
                let value = (name == "Proto" ? "https" : "1.2.3.4") + commas
                let forwarded = try Self.forwarded([("X-Forwarded-\(name)", value)])
                #expect(forwarded.client == (name == "For" ? isRead ? "1.2.3.4" : "unknown" : nil))
                #expect((forwarded.isSecure != nil) == (isRead && name == "Proto"))
                #expect((forwarded.authority != nil) == (isRead && name == "Host"))
            }
        }
    }

    @Test(
        "the last scheme counts, and other words do not",
        arguments: [
            (["https"], true), (["HTTPS"], true), (["wss"], true), (["http"], false), (["ws"], false),
            (["https, http"], false), (["http,https"], true), (["http", "https"], true), (["https", "http"], false),
            ([], nil), ([""], nil), (["https,"], true), (["https", " ,"], true), (["https,ftp,"], nil), (["ftp"], nil),
            (["https http"], nil),
        ] as [([String], Bool?)])
    func scheme(values: [String], isSecure: Bool?) throws {
        #expect(try Self.forwarded(values.map { ("X-Forwarded-Proto", $0) }).isSecure == isSecure)
    }

    @Test(
        "the last host counts, and a text that is no host does not",
        arguments: [
            (["chat.example"], "chat.example"), (["chat.example:8443"], "chat.example:8443"),
            (["evil.example, chat.example"], "chat.example"), (["evil.example", "chat.example"], "chat.example"),
            (["[::1]:80"], "[::1]:80"), ([], nil), ([""], nil), (["chat.example,"], "chat.example"),
            (["chat.example", ""], "chat.example"), (["a b"], nil),
            (["http://chat.example"], nil), (["a\u{E9}"], nil),
        ] as [([String], String?)])
    func host(values: [String], authority: String?) throws {
        let found = try Self.forwarded(values.map { ("X-Forwarded-Host", $0) }).authority
        #expect(found.map { String(decoding: $0, as: UTF8.self) } == authority)
    }

    @Test(
        "generated values never trap, and the client is the last untrusted address",
        arguments: 1...60 as ClosedRange<UInt64>)
    func generated(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let words = [
            "1.2.3.4", "10.0.0.1", "::1", "[::1]:8", "7.7.7.7:1", "x", "", " ", "[", "]", ":", "::", "1.2.3.4.5",
        ]
        let addresses: [String: (text: String, isTrusted: Bool)] = [
            "1.2.3.4": ("1.2.3.4", false), "10.0.0.1": ("10.0.0.1", true), "::1": ("::1", true),
            "[::1]:8": ("::1", true),
            "7.7.7.7:1": ("7.7.7.7", false), "::": ("::", false),
        ]
        let elements = (0..<Int.random(in: 1...9, using: &random)).map { _ in
            words[Int.random(in: 0..<words.count, using: &random)]
        }
        // The elements may be spread over fields in any way.
        var values = [elements[0]]
        for element in elements.dropFirst() {
            if Bool.random(using: &random) {
                values.append(element)
            } else {
                values[values.count - 1] += ", " + element
            }
        }
        var expected: String?
        for element in elements.reversed() where !element.allSatisfy({ $0 == " " }) {
            guard let address = addresses[element] else {
                expected = "unknown"
                break
            }
            expected = address.text
            guard address.isTrusted else { break }
        }
        #expect(try Self.forwarded(values.map { ("X-Forwarded-For", $0) }).client == expected)
    }
}
