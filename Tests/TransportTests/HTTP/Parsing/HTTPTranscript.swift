import TestSupport
import Testing

@testable import Transport

/// The requests and the error that a parser made of a stream of bytes, independent of how it was split.
struct HTTPTranscript: Equatable {
    struct Request: Equatable {
        let head: [UInt8]
        let body: [UInt8]
    }

    private(set) var requests: [Request] = []
    private(set) var error: HTTPParserError?
    private(set) var stage = HTTPRequestParser.Stage.idle

    /// Passes pieces to a new parser as a connection does: bytes that a request leaves over are passed again.
    init(_ pieces: [ArraySlice<UInt8>], limits: HTTPLimits) {
        var parser = HTTPRequestParser(limits: limits)
        do {
            for piece in pieces {
                try feed(piece, to: &parser)
            }
        } catch {
            self.error = error
        }
        stage = parser.stage
    }

    init(_ bytes: [UInt8], limits: HTTPLimits = .forTests) {
        self.init([bytes[...]], limits: limits)
    }

    init(_ text: String, limits: HTTPLimits = .forTests) {
        self.init(Array(text.utf8), limits: limits)
    }

    private mutating func feed(
        _ piece: ArraySlice<UInt8>, to parser: inout HTTPRequestParser
    ) throws(HTTPParserError) {
        var rest = piece
        while !rest.isEmpty {
            let (consumed, request) = try parser.parse(rest.span.bytes)
            rest = rest.dropFirst(consumed)
            guard let request else {
                #expect(rest.isEmpty, "an incomplete request consumes all bytes")
                return
            }
            requests.append(Request(head: request.head.headers.bytes, body: request.body))
        }
    }
}

extension HTTPTranscript {
    /// Returns the transcript of the bytes in one piece, and expects the same for single bytes and for random splits.
    static func ofAnySplit(_ bytes: [UInt8], limits: HTTPLimits = .forTests, seed: UInt64 = 1) -> HTTPTranscript {
        let whole = HTTPTranscript(bytes, limits: limits)
        let single = HTTPTranscript(bytes.indices.map { bytes[$0...$0] }, limits: limits)
        #expect(single == whole, "one byte at a time")
        var random = SplitMix64(seed: seed)
        for round in 1...4 {
            let pieces = HTTPTranscript(split(bytes, using: &random), limits: limits)
            #expect(pieces == whole, "random split, round \(round)")
        }
        return whole
    }

    static func ofAnySplit(_ text: String, limits: HTTPLimits = .forTests) -> HTTPTranscript {
        ofAnySplit(Array(text.utf8), limits: limits)
    }

    private static func split(_ bytes: [UInt8], using random: inout SplitMix64) -> [ArraySlice<UInt8>] {
        var pieces: [ArraySlice<UInt8>] = []
        var rest = bytes[...]
        let longest = Int.random(in: 1...max(1, min(bytes.count, 4096)), using: &random)
        while !rest.isEmpty {
            let piece = rest.prefix(Int.random(in: 1...longest, using: &random))
            pieces.append(piece)
            rest = rest.dropFirst(piece.count)
        }
        return pieces
    }
}

extension HTTPLimits {
    static let forTests = HTTPLimits(maxBody: 1_000_000)
}

extension HTTPRequest {
    /// Parses the single request in `text`.
    init(parsing text: String) throws {
        var parser = HTTPRequestParser(limits: .forTests)
        let bytes = Array(text.utf8)
        let (consumed, request) = try parser.parse(bytes.span.bytes)
        self = try #require(request)
        #expect(consumed == bytes.count)
    }
}
