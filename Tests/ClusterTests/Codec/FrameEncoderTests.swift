import Testing
import Transport

@testable import Cluster

@Suite("Codec: a batch is cut near the preferred size")
struct FrameEncoderTests {
    /// The bodies' sizes of a batch of texts of this size.
    private func sizes(of count: Int, textsOf size: Int) throws -> [Int] {
        var (encoder, decoder) = (FrameEncoder(), FrameDecoder())
        let values = [String](repeating: String(repeating: "x", count: size), count: count)
        for frame in encoder.frames(.events, of: values, { $0.append($1) }) { decoder.append(frame[...]) }
        var sizes: [Int] = []
        while let frame = try decoder.next() { sizes.append(frame.body.count) }
        return sizes
    }

    @Test("small ones share frames, none of which is longer by more than one value")
    func shared() throws {
        let sizes = try sizes(of: 2000, textsOf: 996)
        let preferred = Limits().frame
        #expect(sizes.reduce(0, +) == 2_000_000 && sizes.count == 2_000_000 / preferred + 1)
        for size in sizes.dropLast() { #expect((preferred..<preferred + 1000).contains(size)) }
    }

    @Test("one that is larger has a frame with those before it")
    func large() throws {
        #expect(try sizes(of: 3, textsOf: 300_000) == [300_004, 300_004, 300_004])
        #expect(try sizes(of: 3, textsOf: 200_000) == [400_008, 200_004])
    }

    @Test("few ones make one frame, none make none")
    func few() throws {
        #expect(try sizes(of: 3, textsOf: 1) == [15])
        #expect(try sizes(of: 0, textsOf: 1).isEmpty)
    }
}
