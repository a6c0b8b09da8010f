import TestSupport
import Testing

@testable import Cluster

@Suite("Codec: frames come out of whatever pieces they arrive in")
struct FrameDecoderTests {
    /// Frames with bodies of these sizes.
    private static func stream(of sizes: [Int]) -> [UInt8] {
        var encoder = FrameEncoder()
        return sizes.flatMap { size in
            encoder.frame(.requests) { $0.append(raw: (0..<size).map { UInt8(truncatingIfNeeded: $0) }) }
        }
    }

    private static let sizes = [0, 1, 30, 0, 300, 7]

    /// What a decoder makes of these pieces: the sizes of the bodies, of which every byte is checked.
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

    @Test("cut in two at every byte")
    func everyCut() throws {
        let stream = Self.stream(of: Self.sizes)
        for cut in stream.indices {
            #expect(try Self.decodedSizes([stream[..<cut], stream[cut...]]) == Self.sizes)
        }
    }

    @Test("byte by byte")
    func bytewise() throws {
        let stream = Self.stream(of: Self.sizes)
        #expect(try Self.decodedSizes(stream.indices.map { stream[$0...$0] }) == Self.sizes)
    }

    @Test("in pieces at random", arguments: 1...8 as ClosedRange<UInt64>)
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

    @Test("a frame that is not whole is kept, and is no frame", arguments: [3, 4, 12, 13, 42])
    func torn(count: Int) throws {
        var decoder = FrameDecoder()
        decoder.append(Self.stream(of: [30])[..<count])
        #expect(try decoder.next() == nil && decoder.pendingBytes == count)
    }

    @Test(
        "a length that no frame has is refused with its fourth byte",
        arguments: [0, 8, (64 << 20) + 1, .max] as [UInt32])
    func badLength(length: UInt32) throws {
        let header = WireWriter.bytes { $0.append(length) }
        var decoder = FrameDecoder()
        decoder.append(header[..<3])
        #expect(try decoder.next() == nil)
        decoder.append(header[3...])
        #expect(throws: CodecError.badLength(length)) { try decoder.next() }
    }

    @Test("the least and the greatest length are waited for", arguments: [9, 64 << 20] as [UInt32])
    func extremeLength(length: UInt32) throws {
        var decoder = FrameDecoder()
        decoder.append(WireWriter.bytes { $0.append(length) }[...])
        #expect(try decoder.next() == nil)
        #expect(decoder.capacity < 1 << 16, "nothing is made for what is only announced")
    }

    @Test(
        "a missing, doubled or swapped frame is noticed",
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
        #expect(throws: CodecError.missingNumber(expected: UInt64(expected), found: UInt64(found))) {
            try decoder.next()
        }
    }

    @Test("an unknown kind is refused", arguments: [0, 10, 255] as [UInt8])
    func unknownKind(kind: UInt8) {
        var frame = Self.stream(of: [5])
        frame[12] = kind
        var decoder = FrameDecoder()
        decoder.append(frame[...])
        #expect(throws: CodecError.unknownKind(kind)) { try decoder.next() }
    }

    @Test("the memory of a large frame is not kept")
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
