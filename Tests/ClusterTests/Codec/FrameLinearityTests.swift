import Testing

@testable import Cluster

/// Quadratic work on these sizes would take hours, so a limit of one minute detects it without a measurement.
@Suite("Frame decoder: works in linear time", .timeLimit(.minutes(1)))
struct FrameLinearityTests {
    @Test("a large frame in small pieces is decoded in linear time")
    func smallPieces() throws {
        var (encoder, decoder) = (FrameEncoder(), FrameDecoder())
        let frame = encoder.frame(.events) { $0.append(raw: [UInt8](repeating: 7, count: 8 << 20)) }
        var found = 0
        for start in stride(from: 0, to: frame.count, by: 200) {
            decoder.append(frame[start..<min(start + 200, frame.count)])
            if let frame = try decoder.next() { found = frame.body.count }
        }
        #expect(found == 8 << 20)
    }

    @Test("many small frames in one piece are decoded in linear time")
    func smallFrames() throws {
        #expect(try decodedCount(of: 40_000, inPiecesOf: 40_000 * 13) == 40_000)
    }

    @Test("many small frames in pieces that cut them are decoded in linear time")
    func cutFrames() throws {
        // 100 is not a multiple of a frame's 13 bytes, so an incomplete frame is always pending.
        #expect(try decodedCount(of: 40_000, inPiecesOf: 100) == 40_000)
    }

    private func decodedCount(of count: Int, inPiecesOf size: Int) throws -> Int {
        var (encoder, decoder) = (FrameEncoder(), FrameDecoder())
        var stream: [UInt8] = []
        for _ in 0..<count { stream += encoder.frame(.ping) }
        var found = 0
        for start in stride(from: 0, to: stream.count, by: size) {
            decoder.append(stream[start..<min(start + size, stream.count)])
            while try decoder.next() != nil { found += 1 }
        }
        return found
    }
}
