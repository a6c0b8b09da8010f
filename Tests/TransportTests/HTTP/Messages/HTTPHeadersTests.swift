import Testing

@testable import Transport

@Suite("HTTP header fields")
struct HTTPHeadersTests {
    let headers: HTTPHeaders

    init() throws {
        let text = """
            GET / HTTP/1.1\r\nHost: example.org\r\nAccept: a\r\nX-Empty:\r\naccept: b , c\r\n\
            Cookie: d=1\r\nCookie: e=2\r\nConnection: keep-alive,\t Upgrade ,\r\n__proto__: f\r\n\r\n
            """
        headers = try HTTPRequest(parsing: text).head.headers
    }

    @Test("names are compared without case", arguments: ["host", "Host", "HOST"])
    func anyCase(name: String) {
        #expect(headers[name] == "example.org")
    }

    @Test("a missing header is nil and an empty one is empty", arguments: ["", "Hos", "Hosts", "constructor"])
    func missing(name: String) {
        #expect(headers[name] == nil)
        #expect(headers.values(of: name).isEmpty)
        #expect(headers["X-Empty"] == "")
        #expect(headers["__proto__"] == "f")
    }

    @Test("repeated headers are joined into one list")
    func repeated() {
        #expect(headers["Accept"] == "a, b , c")
        #expect(headers.values(of: "Accept") == ["a", "b , c"])
        #expect(headers["Cookie"] == "d=1; e=2")
    }

    @Test("tokens in lists are compared whole and without case")
    func tokens() {
        #expect(headers.contains(token: "upgrade", in: "connection"))
        #expect(headers.contains(token: "keep-alive", in: "Connection"))
        #expect(headers.contains(token: "c", in: "Accept"))
        #expect(!headers.contains(token: "alive", in: "Connection"))
        #expect(!headers.contains(token: "upgrade", in: "Upgrade"))
    }

    @Test("fields are listed in order, with their names as received")
    func iteration() {
        let names = ["Host", "Accept", "X-Empty", "accept", "Cookie", "Cookie", "Connection", "__proto__"]
        #expect(headers.map { $0.name } == names)
        #expect(headers.first?.value == "example.org")
        #expect(headers.count == names.count)
    }

    @Test("bytes that are not UTF-8 are replaced")
    func repaired() throws {
        var parser = HTTPRequestParser(limits: .forTests)
        let bytes = Array("GET / HTTP/1.1\r\nHost: a\r\nA: b".utf8) + [0xFF] + Array("\r\n\r\n".utf8)
        let request = try #require(try parser.parse(bytes.span.bytes).request)
        #expect(request.head.headers["A"] == "b\u{FFFD}")
    }
}
