import Testing

@testable import Transport

@Suite("HTTP limits: the limit is allowed, one more is not")
struct HTTPRequestParserLimitTests {
    let limits = HTTPLimits(maxRequestLine: 100, maxHeaderBytes: 200, maxHeaders: 5, maxBody: 50)

    @Test("a request line may have 100 bytes, including its line end", arguments: ["\r\n", "\n"])
    func requestLine(lineEnd: String) {
        let rest = "Host: a\r\n\r\n"
        func line(_ count: Int) -> String {
            let frame = "GET / HTTP/1.1" + lineEnd
            return "GET /" + filler(count - frame.utf8.count) + " HTTP/1.1" + lineEnd
        }
        #expect(error(line(100) + rest) == nil)
        #expect(error(line(101) + rest) == .requestLineTooLong(limit: 100))
        #expect(error(filler(100)) == nil)
        #expect(error(filler(101)) == .requestLineTooLong(limit: 100))
    }

    @Test("empty lines before the request line do not count")
    func emptyLines() {
        #expect(error("\r\n\r\n\r\n\r\n" + filler(100)) == nil)
        #expect(error("\r\n\r\n\r\n\r\n\r\n") == .tooManyEmptyLines(limit: 4))
    }

    @Test("header fields may have 200 bytes, including the empty line")
    func headerBytes() {
        func head(_ count: Int) -> String {
            let frame = "Host: a\r\nA: \r\n\r\n"
            return "GET / HTTP/1.1\r\nHost: a\r\nA: " + filler(count - frame.utf8.count) + "\r\n\r\n"
        }
        #expect(error(head(200)) == nil)
        #expect(error(head(201)) == .headersTooLarge(limit: 200))
        #expect(error("GET / HTTP/1.1\r\n" + filler(200)) == nil)
        #expect(error("GET / HTTP/1.1\r\n" + filler(201)) == .headersTooLarge(limit: 200))
    }

    @Test("a head may have 5 fields")
    func fieldCount() {
        func head(_ count: Int) -> String {
            "GET / HTTP/1.1\r\nHost: a\r\n" + repeatElement("A: b\r\n", count: count - 1).joined() + "\r\n"
        }
        #expect(error(head(5)) == nil)
        #expect(error(head(6)) == .tooManyHeaders(limit: 5))
    }

    @Test("a body with Content-Length may have 50 bytes")
    func body() {
        func request(_ count: Int) -> String {
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \(count)\r\n\r\n" + filler(count)
        }
        #expect(error(request(50)) == nil)
        #expect(error(request(51)) == .bodyTooLarge(limit: 50))
    }

    @Test("a limit of 20 or 80 bytes for one request replaces the limit of 50", arguments: [20, 80])
    func ownLimit(limit: Int) {
        func outcome(_ request: String) -> HTTPParserError? {
            var parser = HTTPRequestParser(limits: limits)
            let bytes = Array(request.utf8)
            do throws(HTTPParserError) {
                _ = try parser.parse(bytes.span.bytes) { head in head.path == "/own" ? limit : 50 }
                return nil
            } catch {
                return error
            }
        }
        func length(_ count: Int, _ path: String) -> String {
            "POST \(path) HTTP/1.1\r\nHost: a\r\nContent-Length: \(count)\r\n\r\n" + filler(count)
        }
        func chunks(_ count: Int) -> String {
            "POST /own HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                + String(count, radix: 16) + "\r\n" + filler(count) + "\r\n0\r\n\r\n"
        }
        for request in [length(limit, "/own"), chunks(limit), length(50, "/")] { #expect(outcome(request) == nil) }
        #expect(outcome(length(limit + 1, "/own")) == .bodyTooLarge(limit: limit))
        #expect(outcome(chunks(limit + 1)) == .bodyTooLarge(limit: limit))
        #expect(outcome(length(51, "/")) == .bodyTooLarge(limit: 50))
    }

    @Test("a chunked body may have 50 bytes", arguments: ["31\r\n", "1f\r\n", "1\r\n"])
    func chunks(first: String) throws {
        let size = try #require(Int(first.dropLast(1), radix: 16))
        func request(_ count: Int) -> String {
            let last = String(count - size, radix: 16)
            return HTTPRequestParserAcceptTests.chunked(
                first + filler(size) + "\r\n" + last + "\r\n" + filler(count - size) + "\r\n0\r\n\r\n")
        }
        #expect(error(request(50)) == nil)
        #expect(error(request(51)) == .bodyTooLarge(limit: 50))
    }

    @Test("extensions and trailers may have 200 bytes together")
    func overhead() {
        // An extension counts from the byte after its semicolon. The line end of a trailer counts from its CR.
        func request(_ count: Int) -> String {
            HTTPRequestParserAcceptTests.chunked(
                "0;" + filler(50) + "\r\nA: " + filler(count - 56) + "\r\n\r\n")
        }
        let limits = HTTPLimits(maxRequestLine: 100, maxHeaderBytes: 200, maxHeaders: 5, maxBody: 50)
        #expect(HTTPTranscript.ofAnySplit(request(200), limits: limits).error == nil)
        #expect(HTTPTranscript.ofAnySplit(request(201), limits: limits).error == .trailersTooLarge(limit: 200))
    }

    @Test("limits of zero or less refuse everything and do not trap", arguments: [0, -1, .min])
    func nothing(limit: Int) {
        let none = HTTPLimits(maxRequestLine: limit, maxHeaderBytes: limit, maxHeaders: limit, maxBody: limit)
        #expect(HTTPTranscript("GET", limits: none).error == .requestLineTooLong(limit: 0))
    }

    @Test("the offsets within the largest allowed head fit into 16 bits")
    func greatest() throws {
        let limits = HTTPLimits(maxRequestLine: .max, maxHeaderBytes: .max, maxHeaders: .max, maxBody: .max)
        let line = "GET /" + filler(limits.maxRequestLine - 16) + " HTTP/1.1\r\n"
        let head = "Host: a\r\nA: " + filler(limits.maxHeaderBytes - 17) + "z\r\n\r\n"
        var parser = HTTPRequestParser(limits: limits)
        let bytes = Array((line + head).utf8)
        #expect(bytes.count == limits.maxRequestLine + limits.maxHeaderBytes)
        let request = try #require(try parser.parse(bytes.span.bytes).request)
        #expect(request.head.headers["a"]?.last == "z")
        #expect(HTTPTranscript(line + "A" + head, limits: limits).error == .headersTooLarge(limit: 47 * 1024))
    }

    @Test(
        "without a body limit, the largest chunk size is refused and does not overflow",
        arguments: ["7FFFFFFFFFFFFFFF", "7fffffffffffffff"])
    func hugeChunk(size: String) {
        let limits = HTTPLimits(maxBody: .max)
        let one = HTTPRequestParserAcceptTests.chunked("1\r\na\r\n")
        #expect(HTTPTranscript(one + "7FFFFFFFFFFFFFFE\r\nabc", limits: limits).error == nil)
        #expect(HTTPTranscript(one + size + "\r\n", limits: limits).error == .bodyTooLarge(limit: .max))
    }

    private func error(_ request: String) -> HTTPParserError? {
        HTTPTranscript.ofAnySplit(request, limits: limits).error
    }

    private func filler(_ count: Int) -> String {
        String(repeating: "a", count: count)
    }
}
