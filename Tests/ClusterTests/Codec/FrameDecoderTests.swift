import TestSupport
import Testing

@testable import Cluster

@Suite("Frame decoder: finds the frames in bytes that arrive in pieces")
struct FrameDecoderTests {
    /// Encoded frames with bodies of these sizes.
    private static func stream(of sizes: [Int]) -> [UInt8] {
        var encoder = FrameEncoder()
        return sizes.flatMap { size in
            encoder.frame(.requests) { $0.append(raw: (0..<size).map { UInt8(truncatingIfNeeded: $0) }) }
        }
    }

    private static let sizes = [0, 1, 30, 0, 300, 7]

    /// Decodes the pieces and checks every byte of the bodies.
    /// - Returns: the sizes of the bodies.
    private static func decodedSizes(_ pieces: [ArraySlice<UInt8>]) throws -> [Int] {
        var (decoder, sizes) = (FrameDecoder(), [Int]())
        for piece in pieces {
            decoder.append(piece)
            while let frame = try decoder.next() {
                #expect(frame.kind == .requests)
                #expect(frame.body.elementsEqual((0..<frame.body.count).map { UInt8(truncatingIfNeeded: $0) }))
                sizes.append(frame.body.count)
            }
        }
        #expect(decoder.pendingBytes == 0)
        return sizes
    }

    @Test("a stream in two pieces, cut at every byte, gives the same frames")
    func everyCut() throws {
        let stream = Self.stream(of: Self.sizes)
        for cut in stream.indices {
            #expect(try Self.decodedSizes([stream[..<cut], stream[cut...]]) == Self.sizes)
        }
    }

    @Test("a stream that arrives byte by byte gives the same frames")
    func bytewise() throws {
        let stream = Self.stream(of: Self.sizes)
        #expect(try Self.decodedSizes(stream.indices.map { stream[$0...$0] }) == Self.sizes)
    }

    @Test("a stream in random pieces gives the same frames", arguments: 1...8 as ClosedRange<UInt64>)
    func randomPieces(seed: UInt64) throws {
        var generator = SplitMix64(seed: seed)
        let sizes = (0..<40).map { _ in Int.random(in: 0..<2000, using: &generator) }
        var (rest, pieces) = (Self.stream(of: sizes)[...], [ArraySlice<UInt8>]())
        while !rest.isEmpty {
            pieces.append(rest.prefix(Int.random(in: 0..<3000, using: &generator)))
            rest = rest.dropFirst(pieces[pieces.count - 1].count)
        }
        #expect(try Self.decodedSizes(pieces) == sizes)
    }

    @Test("an incomplete frame is kept and not returned", arguments: [3, 4, 12, 13, 42])
    func torn(count: Int) throws {
        var decoder = FrameDecoder()
        decoder.append(Self.stream(of: [30])[..<count])
        #expect(try decoder.next() == nil && decoder.pendingBytes == count)
    }

    @Test(
        "an invalid length is rejected as soon as its fourth byte arrives",
        arguments: [0, 8, (64 << 20) + 1, .max] as [UInt32])
    func badLength(length: UInt32) throws {
        let header = WireWriter.bytes { $0.append(length) }
        var decoder = FrameDecoder()
        decoder.append(header[..<3])
        #expect(try decoder.next() == nil)
        decoder.append(header[3...])
        #expect(throws: CodecError.badLength(length)) { try decoder.next() }
    }

    @Test(
        "the smallest and the largest length are accepted before the frame arrives",
        arguments: [9, 64 << 20] as [UInt32])
    func extremeLength(length: UInt32) throws {
        var decoder = FrameDecoder()
        decoder.append(WireWriter.bytes { $0.append(length) }[...])
        #expect(try decoder.next() == nil)
        #expect(decoder.capacity < 1 << 16, "no memory is reserved for bytes that have not arrived")
    }

    @Test(
        "a missing, repeated or swapped frame is rejected",
        arguments: [[0, 2], [0, 0], [1, 0], [0, 1, 3], [0, 1, 1]])
    func numbers(order: [Int]) throws {
        var encoder = FrameEncoder()
        let frames = (0..<4).map { _ in encoder.frame(.ping) }
        var decoder = FrameDecoder()
        for number in order.dropLast() where order[0] == 0 {
            decoder.append(frames[number][...])
            #expect(try decoder.next()?.kind == .ping)
        }
        let (found, expected) = order[0] == 0 ? (order[order.count - 1], order.count - 1) : (order[0], 0)
        decoder.append(frames[found][...])
        #expect(throws: CodecError.unexpectedNumber(expected: UInt64(expected), found: UInt64(found))) {
            try decoder.next()
        }
    }

    @Test("an unknown kind is rejected", arguments: [0, 14, 255] as [UInt8])
    func unknownKind(kind: UInt8) {
        var frame = Self.stream(of: [5])
        frame[12] = kind
        var decoder = FrameDecoder()
        decoder.append(frame[...])
        #expect(throws: CodecError.unknownKind(kind)) { try decoder.next() }
    }

    @Test("the memory of a large frame is released")
    func memory() throws {
        var encoder = FrameEncoder()
        var decoder = FrameDecoder()
        decoder.append(encoder.frame(.events) { $0.append(raw: [UInt8](repeating: 0, count: 4 << 20)) }[...])
        #expect(try decoder.next()?.body.count == 4 << 20)
        decoder.append(encoder.frame(.ping)[...])
        #expect(try decoder.next()?.kind == .ping && decoder.capacity < 1 << 20)
    }
}

extension FrameDecoder {
    mutating func append(_ piece: ArraySlice<UInt8>) { append(piece.span.bytes) }
}
