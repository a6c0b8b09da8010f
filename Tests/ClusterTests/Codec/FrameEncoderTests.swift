import Testing
import Transport

@testable import Cluster

@Suite("Frame encoder: splits a batch into frames near the preferred size")
struct FrameEncoderTests {
    /// Encodes a batch of `count` texts of `size` bytes.
    /// - Returns: the sizes of the bodies.
    private func sizes(of count: Int, textsOf size: Int) throws -> [Int] {
        var (encoder, decoder) = (FrameEncoder(), FrameDecoder())
        let values = [String](repeating: String(repeating: "x", count: size), count: count)
        for frame in encoder.frames(.events, of: values, { $0.append($1) }) { decoder.append(frame[...]) }
        var sizes: [Int] = []
        while let frame = try decoder.next() { sizes.append(frame.body.count) }
        return sizes
    }

    @Test("small values share frames, which exceed the preferred size by less than one value")
    func shared() throws {
        let sizes = try sizes(of: 2000, textsOf: 996)
        let preferred = Limits().frame
        #expect(sizes.reduce(0, +) == 2_000_000 && sizes.count == 2_000_000 / preferred + 1)
        for size in sizes.dropLast() { #expect((preferred..<preferred + 1000).contains(size)) }
    }

    @Test("a large value ends the frame that it is added to")
    func large() throws {
        #expect(try sizes(of: 3, textsOf: 300_000) == [300_004, 300_004, 300_004])
        #expect(try sizes(of: 3, textsOf: 200_000) == [400_008, 200_004])
    }

    @Test("a small batch gives one frame, and an empty batch gives none")
    func few() throws {
        #expect(try sizes(of: 3, textsOf: 1) == [15])
        #expect(try sizes(of: 0, textsOf: 1).isEmpty)
    }
}
