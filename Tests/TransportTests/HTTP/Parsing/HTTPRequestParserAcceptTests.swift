import Testing

@testable import Transport

@Suite("HTTP requests that are accepted")
struct HTTPRequestParserAcceptTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let request: String
        var method = "GET"
        var path = "/"
        var query: String?
        var version = HTTPVersion.http11
        var body = ""
        var isKeepAlive = true
    }

    static let cases = [
        Case(testDescription: "the smallest", request: "GET / HTTP/1.1\r\nHost:\r\n\r\n"),
        Case(testDescription: "bare line feeds", request: "GET / HTTP/1.1\nHost: a\n\n"),
        Case(testDescription: "mixed line ends", request: "GET / HTTP/1.1\nHost: a\r\nA: b\n\r\n"),
        Case(testDescription: "empty lines first", request: "\r\n\r\n\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"),
        Case(
            testDescription: "a query", request: "GET /socket.io/?EIO=4&a=?b HTTP/1.1\r\nHost: a\r\n\r\n",
            path: "/socket.io/", query: "EIO=4&a=?b"),
        Case(
            testDescription: "an empty query", request: "GET /x? HTTP/1.1\r\nHost: a\r\n\r\n", path: "/x", query: ""),
        Case(
            testDescription: "a raw path", request: "GET //a%2Fb/../%zz HTTP/1.1\r\nHost: a\r\n\r\n",
            path: "//a%2Fb/../%zz"),
        Case(
            testDescription: "absolute form", request: "GET HTTP://a:80/b/?c HTTP/1.1\r\nHost: a:80\r\n\r\n",
            path: "/b/", query: "c"),
        Case(
            testDescription: "absolute form without path", request: "GET https://a HTTP/1.1\r\nHost: a\r\n\r\n",
            path: "/"),
        Case(
            testDescription: "absolute form with query only", request: "GET http://a?b/c HTTP/1.1\r\nHost: a\r\n\r\n",
            path: "/", query: "b/c"),
        Case(
            testDescription: "OPTIONS *", request: "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", method: "OPTIONS",
            path: "*"),
        Case(
            testDescription: "an unknown method", request: "M-SEARCH! / HTTP/1.1\r\nHost: a\r\n\r\n",
            method: "M-SEARCH!"),
        Case(
            testDescription: "HTTP/1.0 without Host", request: "GET / HTTP/1.0\r\n\r\n", version: .http10,
            isKeepAlive: false),
        Case(
            testDescription: "HTTP/1.0 keep-alive", request: "GET / HTTP/1.0\r\nconnection: Keep-Alive\r\n\r\n",
            version: .http10),
        Case(
            testDescription: "close in a list",
            request: "GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade ,\tClose\r\n\r\n", isKeepAlive: false),
        Case(testDescription: "an IPv6 host", request: "GET / HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n"),
        Case(
            testDescription: "tabs and bytes beyond ASCII in a value",
            request: "GET / HTTP/1.1\r\nHost: a\r\nA: \t b\tc é \t\r\nB:\r\nC: \t\r\n\r\n"),
        Case(
            testDescription: "a body", request: "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
            method: "POST", body: "hello"),
        Case(
            testDescription: "leading zeros in Content-Length",
            request: "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 00000000000000000000000002\r\n\r\nhi",
            method: "POST", body: "hi"),
        Case(
            testDescription: "Content-Length 0",
            request: "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", method: "POST"),
        Case(
            testDescription: "equal Content-Lengths",
            request: "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\ncontent-length: 2, 02\r\n\r\nhi",
            method: "POST", body: "hi"),
        Case(
            testDescription: "a body with GET",
            request: "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n\r\n", body: "\r\n"),
        Case(
            testDescription: "a body in HTTP/1.0", request: "POST / HTTP/1.0\r\nContent-Length: 2\r\n\r\nhi",
            method: "POST", version: .http10, body: "hi", isKeepAlive: false),
        Case(
            testDescription: "chunks",
            request: chunked("4\r\nWiki\r\n5\r\npedia\r\nA\r\n0123456789\r\n0\r\n\r\n"),
            method: "POST", body: "Wikipedia0123456789"),
        Case(
            testDescription: "chunk sizes in both cases with zeros",
            request: chunked("00a\r\n0123456789\r\n0B\r\n0123456789a\r\n000\r\n\r\n"),
            method: "POST", body: "01234567890123456789a"),
        Case(
            testDescription: "chunk extensions",
            request: chunked("2;a=b;c=\"d;e\"\r\nhi\r\n1 \t;f\r\n!\r\n0;g\r\n\r\n"), method: "POST", body: "hi!"),
        Case(
            testDescription: "trailers", request: chunked("2\r\nhi\r\n0\r\nExpires: never\r\nA:\r\n\r\n"),
            method: "POST", body: "hi"),
        Case(testDescription: "chunks without data", request: chunked("0\r\n\r\n"), method: "POST"),
        Case(
            testDescription: "line ends inside of chunk data", request: chunked("4\r\n\r\n\r\n\r\n0\r\n\r\n"),
            method: "POST", body: "\r\n\r\n"),
        Case(
            testDescription: "the coding's name in any case",
            request: "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\tCHUNKED \r\n\r\n0\r\n\r\n", method: "POST"),
    ]

    static func chunked(_ body: String) -> String {
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + body
    }

    @Test("a valid request is parsed", arguments: cases)
    func reads(_ expected: Case) throws {
        let request = try HTTPRequest(parsing: expected.request)
        #expect(request.head.method == HTTPMethod(rawValue: expected.method))
        #expect(request.head.path == expected.path)
        #expect(request.head.query == expected.query)
        #expect(request.head.version == expected.version)
        #expect(request.head.isKeepAlive == expected.isKeepAlive)
        #expect(request.body == Array(expected.body.utf8))
    }

    @Test("a valid request is parsed however its bytes are split, and twice in a row", arguments: cases)
    func anySplit(_ expected: Case) {
        let transcript = HTTPTranscript.ofAnySplit(expected.request + expected.request)
        #expect(transcript.error == nil)
        #expect(transcript.requests.map(\.body) == Array(repeating: Array(expected.body.utf8), count: 2))
        #expect(transcript.stage == .idle)
    }

    @Test("a valid request is not complete one byte early", arguments: cases)
    func needsEveryByte(_ expected: Case) {
        let transcript = HTTPTranscript(String(decoding: expected.request.utf8.dropLast(), as: UTF8.self))
        #expect(transcript.requests.isEmpty)
        #expect(transcript.error == nil)
        #expect(transcript.stage != .idle)
    }
}
