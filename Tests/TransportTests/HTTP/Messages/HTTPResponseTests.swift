import Testing

@testable import Transport

@Suite("HTTP responses")
struct HTTPResponseTests {
    @Test("a response has a status line, headers, a length and a body")
    func whole() {
        let response = HTTPResponse(status: .ok, headers: [("Content-Type", "text/html")], body: Array("ok".utf8))
        #expect(
            text(response.serialized(keepAlive: true))
                == "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\nok")
    }

    @Test("an empty body has a Content-Length too")
    func empty() {
        #expect(
            text(HTTPResponse(status: .notFound).serialized(keepAlive: true))
                == "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
    }

    @Test("a HEAD response has the length of the body but not the body")
    func head() {
        #expect(
            text(HTTPResponse.text(.ok, "hello").serialized(keepAlive: true, isHead: true))
                == "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 5\r\n\r\n")
    }

    @Test("the response tells the client whether the connection stays open")
    func connection() {
        let response = HTTPResponse.json(.badRequest, Array("{}".utf8))
        let start = "HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nContent-Length: 2\r\n"
        #expect(text(response.serialized(keepAlive: false)) == start + "Connection: close\r\n\r\n{}")
        #expect(
            text(response.serialized(for: .http10, keepAlive: false)) == start + "Connection: close\r\n\r\n{}")
        #expect(
            text(response.serialized(for: .http10, keepAlive: true)) == start + "Connection: keep-alive\r\n\r\n{}")
    }

    @Test(
        "a response whose status forbids a body has neither a length nor a body",
        arguments: [HTTPStatus.noContent, .notModified])
    func bodiless(status: HTTPStatus) {
        let response = HTTPResponse(status: status, headers: [("ETag", "\"a\"")], body: Array("lost".utf8))
        #expect(
            text(response.serialized(keepAlive: true))
                == "HTTP/1.1 \(status.code) \(status.reasonPhrase)\r\nETag: \"a\"\r\n\r\n")
    }

    @Test("a 101 response has only the application's headers")
    func switching() {
        let response = HTTPResponse(
            status: .switchingProtocols, headers: [("Upgrade", "websocket"), ("Connection", "Upgrade")])
        #expect(
            text(response.serialized(keepAlive: false))
                == "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n")
        #expect(text(HTTPResponse(status: .continue).serialized(keepAlive: true)) == "HTTP/1.1 100 Continue\r\n\r\n")
    }

    @Test("the application cannot override the length")
    func framing() {
        let response = HTTPResponse(
            status: .ok, headers: [("content-length", "9"), ("Transfer-Encoding", "chunked")], body: [0x61])
        #expect(text(response.serialized(keepAlive: true)) == "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na")
    }

    @Test("a header value cannot start another line, and a name that is not a token is omitted")
    func injection() {
        let response = HTTPResponse(
            status: .ok,
            headers: [("A", "b\r\nSet-Cookie: c\0\n\r"), ("D\r\nE", "f"), ("", "g"), ("H I", "j"), ("K", "é")])
        #expect(
            text(response.serialized(keepAlive: true))
                == "HTTP/1.1 200 OK\r\nA: bSet-Cookie: c\r\nK: é\r\nContent-Length: 0\r\n\r\n")
    }

    private func text(_ bytes: [UInt8]) -> String {
        String(decoding: bytes, as: UTF8.self)
    }
}
