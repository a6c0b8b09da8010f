import Testing

@testable import Transport

@Suite("HTTP requests in the stream of a connection")
struct HTTPRequestParserStreamTests {
    var parser = HTTPRequestParser(limits: .forTests)
    let post = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n"

    @Test("requests in one buffer are parsed one at a time, each from the end of the one before")
    mutating func pipelined() throws {
        let stream = Array(
            """
            GET /1 HTTP/1.1\r\nHost: a\r\n\r\n\
            POST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nGET \
            \r\nPOST /3 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n\
            GET /4 HTTP/1.0\r\n\r\nGE
            """.utf8)
        var rest = stream[...]
        var seen: [String] = []
        while let request = try feed(&rest) {
            seen.append(request.head.path + " " + String(decoding: request.body, as: UTF8.self))
        }
        #expect(seen == ["/1 ", "/2 GET ", "/3 hi", "/4 "])
        #expect(rest.isEmpty)
        #expect(parser.stage == .head)
    }

    @Test("bytes after an upgrade request are left to the caller")
    mutating func upgrade() throws {
        let frame: [UInt8] = [0x81, 0x80, 0, 0, 0, 0, 0x0D, 0x0A]
        let head = "GET /socket.io/ HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
        var rest = (Array(head.utf8) + frame)[...]
        let request = try #require(try feed(&rest))
        #expect(request.head.headers.contains(token: "websocket", in: "upgrade"))
        #expect(Array(rest) == frame)
        #expect(parser.isIdle)
    }

    @Test("the stage changes from idle to head, body and back to idle")
    mutating func stages() throws {
        #expect(parser.stage == .idle)
        try feed("\r\n")
        #expect(parser.stage == .idle)
        try feed("P")
        #expect(parser.stage == .head)
        try feed(post.dropFirst() + "\r")
        #expect(parser.stage == .head)
        try feed("\n")
        #expect(parser.stage == .body)
        try feed("ab")
        #expect(parser.stage == .body)
        let request = try #require(try feed("c"))
        #expect(request.body == Array("abc".utf8))
        #expect(parser.stage == .idle)
    }

    @Test("a client that expects 100 Continue is reported once, at the end of its head")
    mutating func expectsContinue() throws {
        try feed(post + "Expect: 100-Continue\r\n\r")
        #expect(!parser.expectsContinue)
        try feed("\n")
        #expect(parser.expectsContinue)
        try feed("a")
        #expect(!parser.expectsContinue)
        try feed("bc")
        #expect(!parser.expectsContinue)
    }

    @Test("a client may expect 100 Continue before a chunked body")
    mutating func expectsChunks() throws {
        try feed("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n")
        #expect(parser.expectsContinue)
    }

    @Test(
        "100 Continue is not expected if the body has begun or is empty, with HTTP/1.0, or without Expect",
        arguments: [
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\na",
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nExpect: 100-continue\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\r\n",
            "POST / HTTP/1.0\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n",
        ])
    mutating func expectsNothing(request: String) throws {
        try feed(request)
        #expect(!parser.expectsContinue)
    }

    @Test("after a refusal every call throws the same error")
    mutating func failed() {
        let first = #expect(throws: HTTPParserError.self) { try feed("GET / HTTP/3.0\r\n") }
        let second = #expect(throws: HTTPParserError.self) { try feed("GET / HTTP/1.1\r\nHost: a\r\n\r\n") }
        #expect(first == .unsupportedVersion)
        #expect(second == .unsupportedVersion)
    }

    @Test("empty input has no effect")
    mutating func empty() throws {
        try feed("")
        #expect(parser.isIdle)
        try feed("GET / HTTP/1.1\r\n")
        try feed("")
        let request = try feed("Host: a\r\n\r\n")
        #expect(request != nil)
    }

    @Test("ten thousand parsers and heads take little memory")
    mutating func sizes() throws {
        #expect(MemoryLayout<HTTPRequestParser>.size <= 192)
        #expect(MemoryLayout<HTTPRequestHead>.size <= 32)
        #expect(MemoryLayout<HTTPHeaders.Field>.size == 8)
        let text = "GET / HTTP/1.1\r\nHost: a\r\nA: " + String(repeating: "b", count: 2000) + "\r\n\r\n"
        let request = try #require(try feed(text))
        #expect(request.head.headers.bytes.capacity <= text.utf8.count + 64)
    }

    @Test("a body that arrives byte by byte is not copied for each byte", .timeLimit(.minutes(1)))
    func trickle() {
        let count = 300_000
        let head = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \(count)\r\n\r\n"
        let bytes = Array(head.utf8) + [UInt8](repeating: 0x61, count: count)
        let transcript = HTTPTranscript(bytes.indices.map { bytes[$0...$0] }, limits: .forTests)
        #expect(transcript.requests.first?.body.count == count)
    }

    @discardableResult
    private mutating func feed(_ text: some StringProtocol) throws(HTTPParserError) -> HTTPRequest? {
        let bytes = Array(text.utf8)
        return try parser.parse(bytes.span.bytes).request
    }

    private mutating func feed(_ bytes: inout ArraySlice<UInt8>) throws(HTTPParserError) -> HTTPRequest? {
        let (consumed, request) = try parser.parse(bytes.span.bytes)
        bytes = bytes.dropFirst(consumed)
        return request
    }
}
