/// The packets queued for a polling client: first the packets of the last answer, kept until the client confirms it,
/// then the packets that wait for the next GET.
struct PollingQueue {
    /// The most packets in an answer (``Limits/answerPackets``).
    private let maxPackets: Int32
    /// The most bytes in an answer after its first packet (``Limits/answer``).
    private let maxBytesBehindFirst: Int32

    /// The position of a packet: the index of its piece in ``pieces``, and the packet's index in that piece.
    private struct Place {
        var piece = 0
        var packet = 0
    }

    private var pieces: [Frames] = []
    /// The number of packets in the first piece that have been confirmed and count as removed.
    private var confirmedCount = 0
    /// The first packet that no answer has contained.
    private var next = Place()
    /// The number of packets in the last answer.
    private(set) var answerCount = 0
    /// The bytes of all packets, including those of the last answer, plus ``pieceCost`` for each piece.
    private(set) var byteCount = 0

    init(_ limits: Limits = Limits()) {
        maxPackets = Int32(clamping: limits.answerPackets)
        maxBytesBehindFirst = Int32(clamping: limits.answer)
    }

    /// True if no packet waits for the next GET.
    var isEmpty: Bool { next.piece == pieces.count }

    mutating func append(_ frames: Frames) {
        guard frames.count > 0 else { return }
        pieces.append(frames)
        byteCount += frames.bytes.count + Self.pieceCost
    }

    /// The memory in bytes that a piece takes in addition to its frames.
    private static let pieceCost = 100

    /// True if one answer can hold all waiting packets and `more` others.
    func fitsOneAnswer(beside more: Int) -> Bool {
        var rest = self
        rest.prepareAnswer()
        return rest.isEmpty && rest.answerCount + more <= maxPackets
    }

    /// Takes as many waiting packets as an answer may hold, and makes them the last answer. The previous answer must
    /// have been confirmed.
    mutating func prepareAnswer() {
        var size = 0
        while !isEmpty, answerCount < maxPackets {
            let frames = pieces[next.piece]
            if answerCount > 0 {
                size += 1 + frames.pollingSize(of: next.packet)
                guard size <= maxBytesBehindFirst else { return }
            }
            answerCount += 1
            next.packet += 1
            if next.packet == frames.count { next = Place(piece: next.piece + 1) }
        }
    }

    /// The last answer as a payload. Repeated calls return the same bytes.
    func answerPayload() -> [UInt8] {
        var payload: [UInt8] = []
        var place = Place(packet: confirmedCount)
        for number in 0..<answerCount {
            if number > 0 { payload.append(PollingPayload.separator) }
            let frames = pieces[place.piece]
            frames.appendPollingPacket(place.packet, to: &payload)
            place.packet += 1
            if place.packet == frames.count { place = Place(piece: place.piece + 1) }
        }
        return payload
    }

    /// Confirms that the last answer arrived, and removes its packets.
    mutating func confirmAnswer() {
        for piece in 0..<next.piece {
            byteCount -= pieces[piece].size(of: confirmedCount..<pieces[piece].count) + Self.pieceCost
            confirmedCount = 0
        }
        if !isEmpty {
            byteCount -= pieces[next.piece].size(of: confirmedCount..<next.packet)
            confirmedCount = next.packet
        }
        pieces.removeFirst(next.piece)
        next = Place(packet: confirmedCount)
        answerCount = 0
    }

    /// Removes all packets.
    mutating func removeAll() {
        pieces = []
        confirmedCount = 0
        next = Place()
        answerCount = 0
        byteCount = 0
    }

    /// Removes and returns the packets that no answer has contained, in order, to be sent on a WebSocket.
    mutating func takeAll() -> [Frames] {
        confirmAnswer()
        defer { removeAll() }
        guard confirmedCount > 0, let first = pieces.first else { return pieces }
        var builder = FramesBuilder()
        for index in confirmedCount..<first.count {
            let bound = first.bounds[index]
            builder.append(Array(first.bytes[Int(bound.payloadStart)..<Int(bound.end)]), isBinary: bound.isBinary)
        }
        return [builder.finish()] + pieces.dropFirst()
    }
}

extension Frames {
    /// The size in bytes of some of the frames, headers included.
    fileprivate func size(of range: Range<Int>) -> Int {
        guard !range.isEmpty else { return 0 }
        let start = range.lowerBound == 0 ? 0 : Int(bounds[range.lowerBound - 1].end)
        return Int(bounds[range.upperBound - 1].end) - start
    }

    /// The size in bytes of a packet in a polling payload.
    fileprivate func pollingSize(of index: Int) -> Int {
        let bound = bounds[index]
        let size = Int(bound.end - bound.payloadStart)
        return bound.isBinary ? 1 + (size + 2) / 3 * 4 : size
    }
}
