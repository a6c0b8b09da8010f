import Testing

@testable import Transport

@Suite("Origins as operators write them")
struct WebOriginTests {
    @Test(
        "a valid origin is normalized",
        arguments: [
            ("http://a.com", "http://a.com"), ("http://a.com/", "http://a.com"), ("HTTP://A.com:80", "http://a.com"),
            ("https://a.com:443", "https://a.com"), ("https://a.com:80", "https://a.com:80"),
            (" https://a.com\t", "https://a.com"), ("http://a.com:", "http://a.com"),
            ("http://a.com:080", "http://a.com"),
            ("http://a.com:05173/", "http://a.com:5173"), ("http://[::1]:3000", "http://[::1]:3000"),
            ("http://[::1]:80/", "http://[::1]"), ("http://[0:0:0::1]:81", "http://[::1]:81"),
            ("http://[FE80::0001]", "http://[fe80::1]"), ("http://[::ffff:7f00:1]", "http://[::ffff:7f00:1]"),
            ("capacitor://localhost", "capacitor://localhost"),
            ("chrome-extension://abc", "chrome-extension://abc"), ("app://.", "app://."), ("null", "null"),
            ("Null", "null"), ("file://", "file://"), ("file:///", "file://"),
            ("http://xn--bcher-kva.de", "http://xn--bcher-kva.de"),
        ])
    func normalized(written: String, origin: String) throws {
        let parsed = try WebOrigin(written)
        #expect(parsed.description == origin)
        #expect(WebOrigin(header: origin) == parsed, "as sent by a browser")
    }

    @Test(
        "any other text is refused with a one-line error that quotes it",
        arguments: [
            "", " ", "a.com", "a.com:80", "localhost:5173", "//a.com", "http:/a.com", "http:a.com", "http://",
            "http:///",
            "http://a.com/path", "http://a.com//", "http://a.com?x", "http://a.com#x", "http://me@a.com",
            "http://*.a.com",
            "*.a.com", "http://a.com:0", "http://a.com:65536", "http://a.com:x", "http://a.com:-1", "http://:80",
            "http://::1", "http://[::1", "http://[::1]x", "http://[a.com]", "http://a.com http://b.com",
            "http://bücher.de",
            "wss://a.com", "ws://a.com", "1http://a.com", "http://a\u{1}.com", "http://a:1:2",
        ])
    func refused(written: String) {
        #expect { try WebOrigin(written) } throws: { error in
            let line = "\(error)"
            return line.hasPrefix("\"") && line.contains("is not an origin") && !line.contains("\n")
        }
    }
}
