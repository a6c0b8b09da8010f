import TestSupport
import Testing

@testable import Transport

@Suite("HTTP requests that another process handles")
struct HTTPPassedRequestTests {
    private static let head = "POST /socket.io/?sid=a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\n"

    /// Parses pieces until a head is passed on.
    /// - Returns: the head's bytes, and the bytes of the last piece that follow the head.
    private func passOn(_ pieces: [[UInt8]]) throws -> (head: [UInt8], rest: [UInt8])? {
        var parser = HTTPRequestParser(limits: HTTPLimits(maxBody: 100))
        for piece in pieces {
            var passed: HTTPRequestHead?
            let (consumed, request) = try parser.parse(
                piece.span.bytes,
                passesOn: { head in
                    passed = head
                    return true
                })
            #expect(request == nil)
            guard let passed else { continue }
            #expect(parser.isIdle, "the parser keeps nothing of the request")
            return (passed.headers.bytes, Array(piece[consumed...]))
        }
        return nil
    }

    @Test("the head is kept as it was received, and nothing after it is consumed, wherever the request is cut")
    func everyCut() throws {
        let request = Array((Self.head + "helloGET / HTTP/1.1\r\n").utf8)
        for cut in 0...request.count {
            let pieces = [Array(request[..<cut]), Array(request[cut...])]
            let (head, rest) = try #require(try passOn(pieces))
            #expect(head == Array(Self.head.utf8))
            let unread = cut >= Self.head.utf8.count ? Array(request[cut...]) : []
            #expect(head + rest + unread == request)
        }
    }

    @Test("empty lines before the request are dropped")
    func emptyLines() throws {
        let (head, rest) = try #require(try passOn([Array(("\r\n\r\n" + Self.head + "hi").utf8)]))
        #expect(head == Array(Self.head.utf8) && rest == Array("hi".utf8))
    }

    @Test("a request that would be refused is refused here")
    func refused() {
        let request = "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 101\r\n\r\n"
        #expect(throws: HTTPParserError.self) { try passOn([Array(request.utf8)]) }
        #expect(throws: HTTPParserError.self) { try passOn([Array("GET / HTTP/1.1\r\n\r\n".utf8)]) }
    }

    @Test("requests that stay here are parsed as ever")
    func stays() throws {
        var parser = HTTPRequestParser(limits: HTTPLimits(maxBody: 100))
        let request = Array((Self.head + "hello").utf8)
        let (consumed, parsed) = try parser.parse(request.span.bytes, passesOn: { _ in false })
        #expect(consumed == request.count && parsed?.body == Array("hello".utf8))
    }
}
