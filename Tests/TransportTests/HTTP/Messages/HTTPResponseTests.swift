import Testing

@testable import Transport

@Suite("HTTP responses")
struct HTTPResponseTests {
    @Test("status line, headers, length, body")
    func whole() {
        let response = HTTPResponse(status: .ok, headers: [("Content-Type", "text/html")], body: Array("ok".utf8))
        #expect(
            text(response.serialized(keepAlive: true))
                == "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\nok")
    }

    @Test("an empty body has a length too")
    func empty() {
        #expect(
            text(HTTPResponse(status: .notFound).serialized(keepAlive: true))
                == "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
    }

    @Test("HEAD gets the length of the body it does not get")
    func head() {
        #expect(
            text(HTTPResponse.text(.ok, "hello").serialized(keepAlive: true, isHead: true))
                == "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 5\r\n\r\n")
    }

    @Test("the client learns whether the connection stays open")
    func connection() {
        let response = HTTPResponse.json(.badRequest, Array("{}".utf8))
        let start = "HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nContent-Length: 2\r\n"
        #expect(text(response.serialized(keepAlive: false)) == start + "Connection: close\r\n\r\n{}")
        #expect(
            text(response.serialized(for: .http10, keepAlive: false)) == start + "Connection: close\r\n\r\n{}")
        #expect(
            text(response.serialized(for: .http10, keepAlive: true)) == start + "Connection: keep-alive\r\n\r\n{}")
    }

    @Test("no length and no body where the status forbids one", arguments: [HTTPStatus.noContent, .notModified])
    func bodiless(status: HTTPStatus) {
        let response = HTTPResponse(status: status, headers: [("ETag", "\"a\"")], body: Array("lost".utf8))
        #expect(
            text(response.serialized(keepAlive: true))
                == "HTTP/1.1 \(status.code) \(status.reasonPhrase)\r\nETag: \"a\"\r\n\r\n")
    }

    @Test("a switch of protocols carries only what the application gave")
    func switching() {
        let response = HTTPResponse(
            status: .switchingProtocols, headers: [("Upgrade", "websocket"), ("Connection", "Upgrade")])
        #expect(
            text(response.serialized(keepAlive: false))
                == "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n")
        #expect(text(HTTPResponse(status: .continue).serialized(keepAlive: true)) == "HTTP/1.1 100 Continue\r\n\r\n")
    }

    @Test("the application cannot contradict the length")
    func framing() {
        let response = HTTPResponse(
            status: .ok, headers: [("content-length", "9"), ("Transfer-Encoding", "chunked")], body: [0x61])
        #expect(text(response.serialized(keepAlive: true)) == "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na")
    }

    @Test("a header value cannot start another line, and a name must be a token")
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
