import TestSupport
import Testing

@testable import Transport

@Suite("Responses of HTTP services")
struct HTTPResponseParserTests {
    /// What a parser makes of the whole stream of one connection.
    enum Outcome: Equatable {
        case response(Int, String)
        case failure(HTTPResponseError)
    }

    static let limits = HTTPLimits(maxHeaderBytes: 200, maxHeaders: 8, maxBody: 40)

    static func outcome(of pieces: [ArraySlice<UInt8>]) -> Outcome {
        var parser = HTTPResponseParser(limits: limits)
        do throws(HTTPResponseError) {
            for piece in pieces {
                if let response = try parser.receive(piece.span.bytes) { return outcome(response) }
            }
            return outcome(try parser.ended())
        } catch {
            return .failure(error)
        }
    }

    private static func outcome(_ response: HTTPClientResponse) -> Outcome {
        .response(response.status, String(decoding: response.body, as: UTF8.self))
    }

    /// The outcome, which must not depend on the split.
    static func outcome(ofAnySplitOf bytes: [UInt8], seed: UInt64 = 1) -> Outcome {
        let whole = outcome(of: [bytes[...]])
        #expect(outcome(of: bytes.indices.map { bytes[$0...$0] }) == whole, "one byte at a time")
        var random = SplitMix64(seed: seed)
        for _ in 0..<3 {
            var pieces: [ArraySlice<UInt8>] = []
            var rest = bytes[...]
            while !rest.isEmpty {
                let piece = rest.prefix(Int.random(in: 1...20, using: &random))
                pieces.append(piece)
                rest = rest.dropFirst(piece.count)
            }
            #expect(outcome(of: pieces) == whole, "random pieces")
        }
        return whole
    }

    private static func outcome(_ text: String) -> Outcome {
        outcome(ofAnySplitOf: Array(text.utf8))
    }

    @Test(
        "a response has a status and a body with a length, chunks, or the end of the connection",
        arguments: [
            ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi, and more", 200, "hi"),
            ("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", 200, ""),
            (
                "HTTP/1.1 403\r\nTransfer-Encoding: chunked\r\n\r\n2;a=b\r\nhi\r\n1\r\n!\r\n0\r\nX: y\r\n\r\n", 403,
                "hi!"
            ),
            ("HTTP/1.0 200 OK\r\nServer: x\r\n\r\nall", 200, "all"),
            ("HTTP/1.1 200 OK\n\nall", 200, "all"),
            ("HTTP/1.1 200 \r\n\r\n", 200, ""),
            ("HTTP/1.1 204 No Content\r\nContent-Length: 7\r\n\r\n", 204, ""),
            ("HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n", 304, ""),
            ("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nLink: a\r\n\r\nHTTP/1.1 200 OK\r\n\r\nhi", 200, "hi"),
        ])
    func accepted(text: String, status: Int, body: String) {
        #expect(Self.outcome(text) == .response(status, body))
    }

    @Test(
        "everything else is an error",
        arguments: [
            ("", .incomplete), ("HTTP/1.1 200 OK", .incomplete), ("HTTP/1.1 200 OK\r\nA: b\r\n", .incomplete),
            ("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nhi", .incomplete),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n", .incomplete),
            ("GET / HTTP/1.1\r\n\r\n", .statusLine), ("HTTP/2 200\r\n\r\n", .statusLine),
            ("HTTP/1.1 20 OK\r\n\r\n", .statusLine), ("HTTP/1.1 2000\r\n\r\n", .statusLine),
            ("HTTP/1.1 099 OK\r\n\r\n", .statusLine), ("\r\nHTTP/1.1 200 OK\r\n\r\n", .statusLine),
            ("HTTP/1.1 200 O\0K\r\n\r\n", .statusLine),
            ("HTTP/1.1 200 " + String(repeating: "x", count: 1100), .statusLine),
            ("HTTP/1.1 101 Switching\r\n\r\n", .interim),
            (String(repeating: "HTTP/1.1 100 Continue\r\n\r\n", count: 5), .interim),
            ("HTTP/1.1 200 OK\r\nA\r\n\r\n", .malformed(.invalidFieldName(field: 1))),
            ("HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n", .malformed(.foldedLine(field: 1))),
            ("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", .malformed(.invalidContentLength)),
            (
                "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
                .malformed(.conflictingContentLengths)
            ),
            (
                "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
                .malformed(.contentLengthWithTransferEncoding)
            ),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", .malformed(.unsupportedTransferEncoding)),
            ("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", .malformed(.transferEncodingInHTTP10)),
            ("HTTP/1.1 200 OK\r\nContent-Length: 41\r\n\r\n", .malformed(.bodyTooLarge(limit: 40))),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n29\r\n", .malformed(.bodyTooLarge(limit: 40))),
            ("HTTP/1.1 200 OK\r\n\r\n" + String(repeating: "x", count: 41), .malformed(.bodyTooLarge(limit: 40))),
            (
                "HTTP/1.1 200 OK\r\nA: " + String(repeating: "x", count: 300),
                .malformed(.headersTooLarge(limit: 200))
            ),
            (
                "HTTP/1.1 200 OK\r\n" + String(repeating: "A: b\r\n", count: 9) + "\r\n",
                .malformed(.tooManyHeaders(limit: 8))
            ),
        ] as [(String, HTTPResponseError)])
    func refused(text: String, error: HTTPResponseError) {
        #expect(Self.outcome(text) == .failure(error))
    }

    @Test(
        "mutated and random bytes have the same result in any split and never trap", arguments: 1...200 as ClosedRange)
    func fuzz(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let samples = [
            "HTTP/1.1 200 OK\r\nContent-Length: 12\r\nDate: today\r\n\r\n{\"id\":\"ada\"}",
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 401 No\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n{ }\n\r\n0\r\n\r\n",
            "HTTP/1.0 200 OK\r\n\r\n{}", "",
        ]
        let alphabet = Array("HTTP/1. 02\r\n\r\n:;aF\0\u{7F}\u{E9}".utf8)
        var bytes = Array(samples[Int.random(in: 0..<samples.count, using: &random)].utf8)
        for _ in 0..<Int.random(in: 1...30, using: &random) {
            let byte = alphabet[Int.random(in: 0..<alphabet.count, using: &random)]
            let place = Int.random(in: 0...bytes.count, using: &random)
            switch Int.random(in: 0...3, using: &random) {
            case 0 where place < bytes.count: bytes[place] = byte
            case 1 where place < bytes.count: bytes.remove(at: place)
            default: bytes.insert(byte, at: place)
            }
        }
        if case .response(let status, let body) = Self.outcome(ofAnySplitOf: bytes, seed: seed) {
            #expect((200...999).contains(status) && body.utf8.count <= 3 * Self.limits.maxBody)
        }
    }
}
