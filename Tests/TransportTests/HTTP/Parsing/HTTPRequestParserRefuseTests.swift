import Testing

@testable import Transport

@Suite("HTTP requests that are refused")
struct HTTPRequestParserRefuseTests {
    typealias Row = (request: String, error: HTTPParserError, status: Int)

    static let requestLines: [Row] = [
        ("GET /\r\n", .malformedRequestLine, 400),
        ("GET\r\n", .malformedRequestLine, 400),
        (" \r\n", .malformedRequestLine, 400),
        (" GET / HTTP/1.1\r\n", .malformedRequestLine, 400),
        ("GET  HTTP/1.1\r\n", .malformedRequestLine, 400),
        ("G@T / HTTP/1.1\r\n", .malformedRequestLine, 400),
        ("\u{16}\u{3}\u{1} / HTTP/1.1\r\n", .malformedRequestLine, 400),
        ("GET / HTTP/1.1 \r\n", .invalidTarget, 400),
        ("GET / http/1.1\r\n", .malformedRequestLine, 400),
        ("GET / HTTP/1\r\n", .malformedRequestLine, 400),
        ("GET / HTTP/1.10\r\n", .malformedRequestLine, 400),
        ("GET / HTTP/a.b\r\n", .malformedRequestLine, 400),
        ("GET / HTTP/1.1\r\r\n", .malformedRequestLine, 400),
        ("GET / HTTP/0.9\r\n", .unsupportedVersion, 505),
        ("GET / HTTP/1.2\r\n", .unsupportedVersion, 505),
        ("PRI * HTTP/2.0\r\n", .unsupportedVersion, 505),
        ("GET  / HTTP/1.1\r\n", .invalidTarget, 400),
        ("GET /a b HTTP/1.1\r\n", .invalidTarget, 400),
        ("GET /\0 HTTP/1.1\r\n", .invalidTarget, 400),
        ("GET /\t HTTP/1.1\r\n", .invalidTarget, 400),
        ("GET /\r HTTP/1.1\r\n", .invalidTarget, 400),
        ("GET /é HTTP/1.1\r\n", .invalidTarget, 400),
        ("GET a HTTP/1.1\r\n", .invalidTarget, 400),
        ("GET ?a HTTP/1.1\r\n", .invalidTarget, 400),
        ("GET * HTTP/1.1\r\n", .invalidTarget, 400),
        ("OPTIONS ** HTTP/1.1\r\n", .invalidTarget, 400),
        ("GET http:// HTTP/1.1\r\n", .invalidTarget, 400),
        ("GET http:///a HTTP/1.1\r\n", .invalidTarget, 400),
        ("GET ftp://a/ HTTP/1.1\r\n", .invalidTarget, 400),
        ("CONNECT a:443 HTTP/1.1\r\n", .invalidTarget, 400),
        ("\n\n\n\n\r\n", .tooManyEmptyLines(limit: 4), 400),
    ]

    static let fields: [Row] = [
        ("A : b\r\n", .invalidFieldName(field: 2), 400),
        ("A\t: b\r\n", .invalidFieldName(field: 2), 400),
        (": b\r\n", .invalidFieldName(field: 2), 400),
        ("A\r\n", .invalidFieldName(field: 2), 400),
        ("A b: c\r\n", .invalidFieldName(field: 2), 400),
        ("A\0: b\r\n", .invalidFieldName(field: 2), 400),
        ("é: b\r\n", .invalidFieldName(field: 2), 400),
        ("\r: b\r\n", .invalidFieldName(field: 2), 400),
        ("A: b\r\n c\r\n", .foldedLine(field: 2), 400),
        ("A: b\r\n\tc\r\n", .foldedLine(field: 2), 400),
        (" A: b\r\n", .foldedLine(field: 1), 400),
        (" \r\n", .foldedLine(field: 1), 400),
        ("A: b\0c\r\n", .invalidFieldValue(field: 2), 400),
        ("A: b\u{1}\r\n", .invalidFieldValue(field: 2), 400),
        ("A: b\u{7F}\r\n", .invalidFieldValue(field: 2), 400),
        ("A: b\rB: c\r\n", .invalidFieldValue(field: 2), 400),
        ("A: b\r\r\n", .invalidFieldValue(field: 2), 400),
        ("Host: b\r\n\r\n", .repeatedHost, 400),
        ("hOST: a\r\n\r\n", .repeatedHost, 400),
        (repeatElement("A: b\r\n", count: 3000).joined(), .tooManyHeaders(limit: 100), 431),
        ("A: " + repeatElement(" ", count: 50_000).joined() + "b\r\n", .headersTooLarge(limit: 16_384), 431),
        ("A" + repeatElement(" ", count: 50_000).joined() + ": b\r\n", .headersTooLarge(limit: 16_384), 431),
        ("A: " + repeatElement("b", count: 50_000).joined(), .headersTooLarge(limit: 16_384), 431),
    ]

    static let hosts: [Row] = [
        ("\r\n", .missingHost, 400),
        ("Hosts: a\r\n\r\n", .missingHost, 400),
        ("Host: a b\r\n\r\n", .invalidHost, 400),
        ("Host: a/b\r\n\r\n", .invalidHost, 400),
        ("Host: a@b\r\n\r\n", .invalidHost, 400),
        ("Host: é\r\n\r\n", .invalidHost, 400),
    ]

    /// Request smuggling: inputs in which one server may see two requests and the next server one.
    static let framings: [Row] = [
        ("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n", .contentLengthWithTransferEncoding, 400),
        ("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n", .contentLengthWithTransferEncoding, 400),
        ("Transfer-Encoding: identity\r\nContent-Length: 3\r\n\r\n", .contentLengthWithTransferEncoding, 400),
        ("Transfer-Encoding: xchunked\r\n\r\n", .unsupportedTransferEncoding, 501),
        ("Transfer-Encoding: chunked, identity\r\n\r\n", .unsupportedTransferEncoding, 501),
        ("Transfer-Encoding: gzip, chunked\r\n\r\n", .unsupportedTransferEncoding, 501),
        ("Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n", .unsupportedTransferEncoding, 501),
        ("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", .unsupportedTransferEncoding, 501),
        ("Transfer-Encoding: chunked;q=1\r\n\r\n", .unsupportedTransferEncoding, 501),
        ("Transfer-Encoding: \"chunked\"\r\n\r\n", .unsupportedTransferEncoding, 501),
        ("Transfer-Encoding:\r\n\r\n", .unsupportedTransferEncoding, 501),
        ("Transfer-Encoding : chunked\r\n\r\n", .invalidFieldName(field: 2), 400),
        ("Transfer-Encoding:\u{B}chunked\r\n\r\n", .invalidFieldValue(field: 2), 400),
        ("Transfer-Encoding\r\n : chunked\r\n\r\n", .invalidFieldName(field: 2), 400),
        ("Transfer-Encoding:\r\n chunked\r\n\r\n", .foldedLine(field: 2), 400),
        ("X: a\rTransfer-Encoding: chunked\r\n\r\n", .invalidFieldValue(field: 2), 400),
        ("Content-Length:\r\n\r\n", .invalidContentLength, 400),
        ("Content-Length: +3\r\n\r\n", .invalidContentLength, 400),
        ("Content-Length: -3\r\n\r\n", .invalidContentLength, 400),
        ("Content-Length: 0x3\r\n\r\n", .invalidContentLength, 400),
        ("Content-Length: 3.0\r\n\r\n", .invalidContentLength, 400),
        ("Content-Length: 1 3\r\n\r\n", .invalidContentLength, 400),
        ("Content-Length: 3,\r\n\r\n", .invalidContentLength, 400),
        ("Content-Length: ３\r\n\r\n", .invalidContentLength, 400),
        ("Content-Length: 3, 4\r\n\r\n", .conflictingContentLengths, 400),
        ("Content-Length: 3\r\nContent-Length: 4\r\n\r\n", .conflictingContentLengths, 400),
        ("Content-Length: 0\r\nContent-Length: 3\r\n\r\n", .conflictingContentLengths, 400),
        ("Content-Length: 1000001\r\n\r\n", .bodyTooLarge(limit: 1_000_000), 413),
        ("Content-Length: 104857600\r\n\r\n", .bodyTooLarge(limit: 1_000_000), 413),
        ("Content-Length: 9223372036854775808\r\n\r\n", .bodyTooLarge(limit: 1_000_000), 413),
        ("Content-Length: 18446744073709551619\r\n\r\n", .bodyTooLarge(limit: 1_000_000), 413),
        (
            "Content-Length: " + repeatElement("9", count: 9000).joined() + "\r\n\r\n", .bodyTooLarge(limit: 1_000_000),
            413
        ),
    ]

    static let chunks: [Row] = [
        ("\r\n", .invalidChunkSize, 400),
        ("g\r\n", .invalidChunkSize, 400),
        ("-1\r\n", .invalidChunkSize, 400),
        ("+1\r\n", .invalidChunkSize, 400),
        (" 1\r\n", .invalidChunkSize, 400),
        ("0x1\r\n", .invalidChunkSize, 400),
        ("1_0\r\n", .invalidChunkSize, 400),
        ("1 \r\n", .invalidChunkSize, 400),
        (";a\r\n", .invalidChunkSize, 400),
        ("1\n", .invalidChunkSize, 400),
        ("00000000000000001\r\n", .invalidChunkSize, 400),
        ("1\rX", .invalidChunkExtension, 400),
        ("1;a\n", .invalidChunkExtension, 400),
        ("1;\u{1}\r\n", .invalidChunkExtension, 400),
        ("1;a\rb\r\n", .invalidChunkExtension, 400),
        ("1\r\nab", .unterminatedChunk, 400),
        ("1\r\na\n", .unterminatedChunk, 400),
        ("1\r\na\r0", .unterminatedChunk, 400),
        ("0\r\nA\r\n", .invalidTrailer, 400),
        ("0\r\nA : b\r\n", .invalidTrailer, 400),
        ("0\r\n A: b\r\n", .invalidTrailer, 400),
        ("0\r\nA: b\n", .invalidTrailer, 400),
        ("0\r\nA: b\rc", .invalidTrailer, 400),
        ("0\r\n: b\r\n", .invalidTrailer, 400),
        ("0\r\n\n", .invalidTrailer, 400),
        ("0\r\n\rX", .invalidTrailer, 400),
        ("F4241\r\n", .bodyTooLarge(limit: 1_000_000), 413),
        ("1\r\na\r\nF4240\r\n", .bodyTooLarge(limit: 1_000_000), 413),
        ("8000000000000000\r\n", .bodyTooLarge(limit: 1_000_000), 413),
        ("FFFFFFFFFFFFFFFF\r\n", .bodyTooLarge(limit: 1_000_000), 413),
        ("10000000000000001\r\n", .bodyTooLarge(limit: 1_000_000), 413),
        ("1;" + repeatElement("a", count: 20_000).joined(), .chunkExtensionsTooLarge(limit: 16_384), 400),
        (repeatElement("1;0123456789\r\na\r\n", count: 1500).joined(), .chunkExtensionsTooLarge(limit: 16_384), 400),
        ("0\r\n" + repeatElement("A: b\r\n", count: 4000).joined(), .trailersTooLarge(limit: 16_384), 431),
        ("0\r\nA: " + repeatElement(" ", count: 50_000).joined(), .trailersTooLarge(limit: 16_384), 431),
    ]

    @Test("an invalid request line is refused", arguments: requestLines)
    func requestLine(_ row: Row) {
        expect(row.request, isRefusedAs: row)
    }

    @Test(
        "bytes that cannot begin a request are refused before the line ends",
        arguments: ["\u{16}\u{3}\u{1}", "\0", " ", "\r\n\r\n\0", "GE\u{1}", "GET\r", "G@", "\r\r", "é", "GET\n"])
    func notHTTP(start: String) {
        let transcript = HTTPTranscript.ofAnySplit(start)
        #expect(transcript.error == .malformedRequestLine)
    }

    @Test(
        "the parser waits for more after bytes that may begin a request",
        arguments: ["", "\r", "\r\n", "\r\n\r", "G", "GET", "GET ", "GET /\r"])
    func mayBeHTTP(start: String) {
        #expect(HTTPTranscript.ofAnySplit(start).error == nil)
    }

    @Test(
        "the head of a request is available if its body is refused",
        arguments: [
            "Content-Length: 2000000\r\n\r\n", "Content-Length: 1, 2\r\n\r\n",
            "Transfer-Encoding: chunked\r\n\r\nFFFFFF\r\n",
        ])
    func refusedHead(rest: String) {
        var parser = HTTPRequestParser(limits: .forTests)
        let bytes = Array("POST /a HTTP/1.1\r\nHost: a\r\n\(rest)".utf8)
        #expect(throws: HTTPParserError.self) { try parser.parse(bytes.span.bytes) }
        #expect(parser.refusedHead?.path == "/a")
    }

    @Test("an invalid field is refused", arguments: fields)
    func field(_ row: Row) {
        expect("GET / HTTP/1.1\r\nHost: a\r\n" + row.request, isRefusedAs: row)
    }

    @Test("an invalid Host is refused", arguments: hosts)
    func host(_ row: Row) {
        expect("GET / HTTP/1.1\r\n" + row.request, isRefusedAs: row)
    }

    @Test("an ambiguous or excessive body length is refused", arguments: framings)
    func framing(_ row: Row) {
        expect("POST / HTTP/1.1\r\nHost: a\r\n" + row.request, isRefusedAs: row)
    }

    @Test("an invalid chunked body is refused", arguments: chunks)
    func chunk(_ row: Row) {
        expect(HTTPRequestParserAcceptTests.chunked(row.request), isRefusedAs: row)
    }

    @Test("HTTP/1.0 with Transfer-Encoding or two Hosts is refused")
    func version10() {
        expect(
            "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
            isRefusedAs: ("", .transferEncodingInHTTP10, 400))
        expect("GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n", isRefusedAs: ("", .repeatedHost, 400))
    }

    private func expect(_ request: String, isRefusedAs row: Row) {
        let transcript = HTTPTranscript.ofAnySplit(request)
        #expect(transcript.requests.isEmpty)
        #expect(transcript.error == row.error)
        #expect(transcript.error?.status.code == row.status)
    }
}
