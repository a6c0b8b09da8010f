import Actors
import Glibc
import Testing

@testable import Cluster

@Suite("Codec: agrees with docs/cluster-protocol.md")
struct ProtocolDocumentTests {
    private let document: String

    init() throws {
        let root = #filePath.split(separator: "/").dropLast(4).map { "/\($0)" }.joined()
        document = try Self.text(ofFile: root + "/docs/cluster-protocol.md")
    }

    @Test("the example frame is what the encoder writes, and decodes to the described request")
    func example() throws {
        let key = try SessionKey("A", epoch: 1)
        var (encoder, decoder) = (FrameEncoder(), FrameDecoder())
        decoder.append(encoder.frame(.hello)[...])
        _ = try decoder.next()
        let frame = encoder.frame(.requests) { $0.append(HubRequest.join(key, room: "räume")) }
        let documented = try exampleBytes()
        #expect(documented == frame)
        decoder.append(documented[...])
        let decoded = try #require(try decoder.next())
        #expect(try decodedRequests(decoded.body).map { "\($0)" } == ["\(HubRequest.join(key, room: "räume"))"])
    }

    /// The bytes of the example: the hexadecimal numbers of each line before its two spaces.
    private func exampleBytes() throws -> [UInt8] {
        let lines = document.split(separator: "\n")
        let start = try #require(lines.firstIndex(of: "```hex"))
        return try lines[(start + 1)...].prefix { $0 != "```" }.flatMap { line in
            let digits = line.prefix(upTo: try #require(line.firstRange(of: "  ")).lowerBound)
            return try digits.split(separator: " ").map { try #require(UInt8($0, radix: 16)) }
        }
    }

    @Test("the document lists every frame kind, every tag and the bounds of a length")
    func numbers() throws {
        for kind in (0...UInt8.max).compactMap(FrameKind.init) {
            #expect(document.contains("| \(kind.rawValue) | \(kind) | "))
        }
        let requests = try Self.tags(CodecSamples.requests()) { $0.append($1) }
        #expect(requests.values.sorted() == Array(1...18))
        for (name, tag) in requests { #expect(document.contains("| \(tag) | \(name) | "), "\(name)") }
        let events = try Self.tags(CodecSamples.events()) { $0.append($1) }
        #expect(events.values.sorted() == Array(1...22))
        for (name, tag) in events { #expect(document.contains("| \(tag) | \(name) | "), "\(name)") }
        #expect(document.contains("(`\(FrameFormat.version)`)"))
        #expect(document.contains("\(FrameFormat.minLength) … 67 108 864") && FrameFormat.maxLength == 67_108_864)
    }

    /// The tag of each case by its documented name, which is `set data` for `setData`.
    private static func tags<Value>(
        _ values: [Value], _ write: (inout WireWriter, Value) -> Void
    ) -> [String: UInt8] {
        var tags: [String: UInt8] = [:]
        for value in values {
            var text = "\(value)"
            // A claim's two answers have tags of their own.
            if let answer = text.firstRange(of: "ClaimAnswer.") { text = String(text[answer.upperBound...]) }
            let name = text.prefix { $0.isLetter }.flatMap { $0.isUppercase ? " \($0.lowercased())" : "\($0)" }
            tags[String(name)] = WireWriter.bytes { write(&$0, value) }[0]
        }
        return tags
    }

    private static func text(ofFile path: String) throws -> String {
        let file = try #require(fopen(path, "r"))
        defer { fclose(file) }
        var (bytes, buffer) = ([UInt8](), [UInt8](repeating: 0, count: 1 << 16))
        while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { bytes += buffer.prefix(count) }
        return String(decoding: bytes, as: UTF8.self)
    }
}
