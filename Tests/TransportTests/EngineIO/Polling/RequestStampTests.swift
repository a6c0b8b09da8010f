import Testing

@testable import Transport

@Suite("Request stamp: the parameter t, by which a repeated request is recognized")
struct RequestStampTests {
    private static func stamp(_ query: String) throws -> RequestStamp? {
        var parser = HTTPRequestParser(limits: HTTPLimits(maxBody: 0))
        let request = Array("GET /socket.io/?\(query) HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
        let (_, parsed) = try parser.parse(request.span.bytes)
        return RequestStamp(try #require(parsed).head, now: .zero)
    }

    @Test("the stamp is the first t of the query, as encoded bytes")
    func bytes() throws {
        let stamp = try Self.stamp("EIO=4&t=abc&sid=x&t=def")
        #expect(stamp != nil && stamp == RequestStamp(Array("abc".utf8)[...], now: .zero))
        #expect(try Self.stamp("t=%61bc") != stamp, "a stamp is compared without decoding")
        #expect(try Self.stamp("t=ab%FFc") != Self.stamp("t=ab%FEc"))
    }

    @Test(
        "a request without t has no stamp", arguments: ["", "EIO=4", "t", "t=", "EIO=4&t&x=1", "tt=1", "T=1", "xt=1"])
    func none(query: String) throws {
        #expect(try Self.stamp(query) == nil)
    }

    @Test(
        "the time in seconds is not a stamp, because all requests of a second share it",
        arguments: [
            ("1764126904", 1_764_126_904, false), ("1764126904", 1_764_126_904 + 86_400, false),
            ("1764126904", 1_764_126_904 - 86_400, false), ("1764126904", 1_764_126_904 + 86_401, true),
            ("1764126904", 0, true), ("1764126904000", 1_764_126_904, true), ("176412690", 176_412_690, true),
            ("176412690x", 1_764_126_900, true), ("1764126904.5", 1_764_126_904, true),
        ])
    func seconds(text: String, now: Int, isStamp: Bool) {
        #expect((RequestStamp(Array(text.utf8)[...], now: .seconds(now)) != nil) == isStamp)
    }

    @Test("a t of more than 64 bytes is not a stamp", arguments: [(64, true), (65, false), (5000, false)])
    func long(length: Int, isStamp: Bool) throws {
        let stamp = try Self.stamp("t=" + String(repeating: "a", count: length))
        #expect((stamp != nil) == isStamp)
    }
}
