import Testing

@testable import Transport

@Suite("Reduced HTTP heads")
struct HTTPRequestHeadReducedTests {
    @Test("method, path, version and the named headers are kept")
    func kept() throws {
        let text =
            "GET /socket.io/?EIO=4 HTTP/1.1\r\nHost: a\r\norigin:  http://b \r\nX: y\r\n"
            + "Connection: close\r\n\r\n"
        let head = try HTTPRequest(parsing: text).head.reduced(to: ["origin", "connection"])
        #expect(head.method == .get)
        #expect(head.path == "/socket.io/")
        #expect(head.query == nil)
        #expect(head.version == .http11)
        #expect(head.headers.count == 2)
        #expect(head.headers["Origin"] == "http://b")
        #expect(!head.isKeepAlive)
    }

    @Test("a long path and other headers are discarded")
    func bounded() throws {
        let path = "/socket.io/" + String(repeating: "p", count: 5000)
        let text = "GET \(path) HTTP/1.0\r\nX: \(String(repeating: "x", count: 16_000))\r\n\r\n"
        let head = try HTTPRequest(parsing: text).head
        #expect(head.byteCount > 21_000)
        let reduced = head.reduced(to: [])
        #expect(reduced.path == "/")
        #expect(reduced.version == .http10)
        #expect(reduced.byteCount == "GET / HTTP/1.0".utf8.count)
    }

    @Test(
        "heads with an absolute target or an asterisk can be reduced",
        arguments: ["GET http://a?b", "GET http://a/x", "OPTIONS *"])
    func otherForms(line: String) throws {
        let head = try HTTPRequest(parsing: "\(line) HTTP/1.1\r\nHost: a\r\n\r\n").head
        let reduced = head.reduced(to: [])
        #expect(reduced.method == head.method)
        #expect(reduced.path == head.path)
    }
}
