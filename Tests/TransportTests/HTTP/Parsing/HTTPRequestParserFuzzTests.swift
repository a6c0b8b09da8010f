import TestSupport
import Testing

@testable import Transport

@Suite("HTTP parser with generated input")
struct HTTPRequestParserFuzzTests {
    static let limits = HTTPLimits(maxRequestLine: 300, maxHeaderBytes: 600, maxHeaders: 12, maxBody: 400)

    @Test("the parser reads what the generator wrote", arguments: 1...60 as ClosedRange<UInt64>)
    func roundTrip(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let requests = (0..<5).map { _ in HTTPGeneratedRequest(using: &random) }
        let stream = requests.flatMap(\.bytes)
        let transcript = HTTPTranscript.ofAnySplit(stream, seed: seed)
        #expect(transcript.error == nil)
        #expect(transcript.requests.map(\.body) == requests.map(\.body))

        var parser = HTTPRequestParser(limits: .forTests)
        var rest = stream[...]
        for expected in requests {
            let (consumed, request) = try parser.parse(rest.span.bytes)
            rest = rest.dropFirst(consumed)
            let head = try #require(request).head
            #expect(head.method.rawValue == expected.method)
            #expect(head.target == expected.target)
            #expect(head.headers.map { $0.name } == expected.headers.map { $0.name })
            #expect(head.headers.map { $0.value } == expected.headers.map { $0.value })
        }
        #expect(rest.isEmpty)
    }

    @Test(
        "a mutated request has the same result in any split and never traps", arguments: 1...150 as ClosedRange<UInt64>)
    func mutated(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var stream = (0..<3).flatMap { _ in HTTPGeneratedRequest(using: &random).bytes }
        for _ in 0..<Int.random(in: 1...6, using: &random) {
            mutate(&stream, using: &random)
        }
        let transcript = HTTPTranscript.ofAnySplit(stream, limits: Self.limits, seed: seed)
        for request in transcript.requests {
            #expect(request.body.count <= Self.limits.maxBody)
            #expect(request.head.count <= Self.limits.maxRequestLine + Self.limits.maxHeaderBytes)
        }
    }

    @Test("random bytes have the same result in any split and never trap", arguments: 1...150 as ClosedRange<UInt64>)
    func noise(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let alphabet = Array("GET / HTTP/1.1\r\n\r\n:; \tHost0aF\0\u{7F}é".utf8)
        let isText = Bool.random(using: &random)
        let bytes = (0..<Int.random(in: 0...800, using: &random)).map { _ in
            isText
                ? alphabet[Int.random(in: 0..<alphabet.count, using: &random)]
                : UInt8.random(in: 0...255, using: &random)
        }
        let prefixes = ["", "GET / HTTP/1.1\r\nHost: a\r\n", HTTPRequestParserAcceptTests.chunked("")]
        for prefix in prefixes {
            let transcript = HTTPTranscript.ofAnySplit(Array(prefix.utf8) + bytes, limits: Self.limits, seed: seed)
            #expect(transcript.requests.allSatisfy { $0.body.count <= Self.limits.maxBody })
        }
    }

    @Test(
        "the target, query and headers of an accepted head can be read, whatever bytes they have",
        arguments: 1...40 as ClosedRange<UInt64>)
    func views(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        var parser = HTTPRequestParser(limits: .forTests)
        let noise = (0..<60).map { _ in UInt8.random(in: 0x21...0x7E, using: &random) }
        let value = (0..<60).map { _ in UInt8.random(in: 0x80...0xFF, using: &random) }
        let text: [[UInt8]] = [
            Array("GET /".utf8), noise, Array(" HTTP/1.1\r\nHost: a\r\nA: ".utf8), value, Array("\r\n\r\n".utf8),
        ]
        let bytes = Array(text.joined())
        let head = try #require(try parser.parse(bytes.span.bytes).request).head
        #expect(head.target.utf8.elementsEqual([UInt8(ascii: "/")] + noise))
        #expect(head.queryParameters.pairs.count <= 60)
        #expect(head.headers["A"] == String(decoding: value, as: UTF8.self))
    }

    private func mutate(_ bytes: inout [UInt8], using random: inout SplitMix64) {
        guard !bytes.isEmpty else { return }
        let index = Int.random(in: 0..<bytes.count, using: &random)
        let end = min(bytes.count, index + Int.random(in: 1...40, using: &random))
        switch Int.random(in: 0..<5, using: &random) {
        case 0: bytes[index] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes.insert(Array("\r\n :;,0\0".utf8)[Int.random(in: 0..<8, using: &random)], at: index)
        case 2: bytes.removeSubrange(index..<end)
        case 3: bytes.insert(contentsOf: bytes[index..<end], at: index)
        default: bytes.removeLast(bytes.count - index)
        }
    }
}
