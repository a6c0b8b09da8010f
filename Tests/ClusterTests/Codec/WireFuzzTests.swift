import Actors
import Testing

@testable import Cluster

@Suite("Codec: survives arbitrary bytes")
struct WireFuzzTests {
    @Test("a mutated body is rejected, or encodes to the same bytes again", arguments: 1...4 as ClosedRange<UInt64>)
    func bodies(seed: UInt64) throws {
        var generator = CodecGenerator(seed: seed)
        var (accepted, refused) = (0, 0)
        for _ in 0..<100 {
            let (request, event) = (try generator.hubRequest(), try generator.hubEvent())
            let bodies = [WireWriter.bytes { $0.append(request) }, WireWriter.bytes { $0.append(event) }]
            for round in 0..<60 {
                let body = generator.mutate(bodies[round % 2])
                do {
                    #expect(try encodedAgain(body, isRequest: round % 2 == 0) == body)
                    accepted += 1
                } catch {
                    refused += 1
                }
            }
        }
        #expect(accepted > 500 && refused > 500)
    }

    @Test("a random body is rejected, or encodes to the same bytes again", arguments: 1...4 as ClosedRange<UInt64>)
    func noise(seed: UInt64) {
        var generator = CodecGenerator(seed: seed)
        for round in 0..<3000 {
            let body = [UInt8(round % 20)] + generator.bytes() + generator.bytes()
            if let again = try? encodedAgain(body, isRequest: round % 2 == 0) { #expect(again == body) }
        }
    }

    @Test(
        "a mutated stream gives the frames before its first error and none after it",
        arguments: 1...4 as ClosedRange<UInt64>)
    func streams(seed: UInt64) {
        var (generator, failures) = (CodecGenerator(seed: seed), 0)
        var encoder = FrameEncoder()
        let stream = (1...6).flatMap { size in
            encoder.frame(.requests) { $0.append(raw: [UInt8](repeating: 1, count: 3 * size)) }
        }
        for _ in 0..<1000 {
            var (decoder, bytes) = (FrameDecoder(), 0)
            let mutated = generator.mutate(stream)
            decoder.append(mutated[...])
            do throws(CodecError) {
                while let frame = try decoder.next() { bytes += FrameFormat.headerSize + frame.body.count }
            } catch {
                failures += 1
            }
            #expect(bytes + decoder.pendingBytes == mutated.count)
        }
        #expect(failures > 100)
    }

    private func encodedAgain(_ body: [UInt8], isRequest: Bool) throws(CodecError) -> [UInt8] {
        var writer = WireWriter()
        if isRequest {
            for request in try decodedRequests(body[...]) { writer.append(request) }
        } else {
            for event in try decodedEvents(body[...]) { writer.append(event) }
        }
        return writer.bytes
    }
}

extension CodecGenerator {
    /// Changes a few bytes, mostly to values that are valid in a length, a flag or a tag.
    mutating func mutate(_ bytes: [UInt8]) -> [UInt8] {
        let values: [UInt8] = [0, 1, 2, 4, 9, 12, 0x20, 0x7F, 0x80, 0xC3, 0xFF]
        var bytes = bytes
        for _ in 0...number(below: 2) {
            let position = number(below: bytes.count + 1)
            let value = values[number(below: values.count)]
            switch number(below: 4) {
            case 0: bytes.insert(value, at: position)
            case 1 where position < bytes.count: bytes[position] = value
            case 2 where position < bytes.count: bytes.remove(at: position)
            case 3 where position + 4 <= bytes.count:
                bytes.replaceSubrange(position..<position + 4, with: repeatElement(value, count: 4))
            default: break
            }
        }
        return bytes
    }
}
