/// The packets of a polling client: first those of the last answer, as long as it may have to be given again, then those
/// that wait for the next GET.
struct PollingQueue {
    /// How many packets an answer carries (``Limits/answerPackets``).
    private let maxPackets: Int32
    /// How many bytes it carries behind its first packet (``Limits/answer``).
    private let maxBytesBehindFirst: Int32

    /// Where a packet is: the piece, and the packet in it.
    private struct Place {
        var piece = 0
        var packet = 0
    }

    private var pieces: [Frames] = []
    /// How many packets of the first piece are gone.
    private var gone = 0
    /// The first packet that no answer has carried.
    private var next = Place()
    /// How many packets the last answer carries.
    private(set) var givenCount = 0
    /// The bytes of all packets, those of the last answer included, and what memory each piece takes beside them.
    private(set) var byteCount = 0

    init(_ limits: Limits = Limits()) {
        maxPackets = Int32(clamping: limits.answerPackets)
        maxBytesBehindFirst = Int32(clamping: limits.answer)
    }

    /// Whether nothing waits for the next GET.
    var isEmpty: Bool { next.piece == pieces.count }

    mutating func append(_ frames: Frames) {
        guard frames.count > 0 else { return }
        pieces.append(frames)
        byteCount += frames.bytes.count + Self.pieceCost
    }

    /// What a piece takes beside its bytes.
    private static let pieceCost = 100

    /// Whether one answer can carry all that waits and so many packets more.
    func fitsOneAnswer(beside more: Int) -> Bool {
        var rest = self
        rest.give()
        return rest.isEmpty && rest.givenCount + more <= maxPackets
    }

    /// Makes the packets that wait, as many as an answer may carry, the last answer. The one before it must be proved.
    mutating func give() {
        var size = 0
        while !isEmpty, givenCount < maxPackets {
            let frames = pieces[next.piece]
            if givenCount > 0 {
                size += 1 + frames.pollingSize(of: next.packet)
                guard size <= maxBytesBehindFirst else { return }
            }
            givenCount += 1
            next.packet += 1
            if next.packet == frames.count { next = Place(piece: next.piece + 1) }
        }
    }

    /// The last answer as a payload. It is the same each time.
    func givenPayload() -> [UInt8] {
        var payload: [UInt8] = []
        var place = Place(packet: gone)
        for number in 0..<givenCount {
            if number > 0 { payload.append(PollingPayload.separator) }
            let frames = pieces[place.piece]
            frames.appendPollingPacket(place.packet, to: &payload)
            place.packet += 1
            if place.packet == frames.count { place = Place(piece: place.piece + 1) }
        }
        return payload
    }

    /// The last answer has arrived: its packets are gone.
    mutating func prove() {
        for piece in 0..<next.piece {
            byteCount -= pieces[piece].size(of: gone..<pieces[piece].count) + Self.pieceCost
            gone = 0
        }
        if !isEmpty {
            byteCount -= pieces[next.piece].size(of: gone..<next.packet)
            gone = next.packet
        }
        pieces.removeFirst(next.piece)
        next = Place(packet: gone)
        givenCount = 0
    }

    /// Forgets everything.
    mutating func removeAll() {
        pieces = []
        gone = 0
        next = Place()
        givenCount = 0
        byteCount = 0
    }

    /// Removes everything that no answer has carried, in order, for a WebSocket.
    mutating func takeAll() -> [Frames] {
        prove()
        defer { removeAll() }
        guard gone > 0, let first = pieces.first else { return pieces }
        var builder = FramesBuilder()
        for index in gone..<first.count {
            let bound = first.bounds[index]
            builder.append(Array(first.bytes[Int(bound.payloadStart)..<Int(bound.end)]), isBinary: bound.isBinary)
        }
        return [builder.finish()] + pieces.dropFirst()
    }
}

extension Frames {
    /// The bytes of some of the frames, headers included.
    fileprivate func size(of range: Range<Int>) -> Int {
        guard !range.isEmpty else { return 0 }
        let start = range.lowerBound == 0 ? 0 : Int(bounds[range.lowerBound - 1].end)
        return Int(bounds[range.upperBound - 1].end) - start
    }

    /// How many bytes a packet takes in a polling payload.
    fileprivate func pollingSize(of index: Int) -> Int {
        let bound = bounds[index]
        let size = Int(bound.end - bound.payloadStart)
        return bound.isBinary ? 1 + (size + 2) / 3 * 4 : size
    }
}
