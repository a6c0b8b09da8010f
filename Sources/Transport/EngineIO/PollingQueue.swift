/// The packets that wait for a polling client's next GET.
struct PollingQueue {
    /// An answer carries at most this many packets; python-engineio refuses more.
    static let maxPacketsPerAnswer = 16

    private var waiting: [Frames] = []
    /// How many packets of the first element have been taken.
    private var taken = 0
    /// What waits, in bytes: the frames, and what memory each piece takes beside them.
    private(set) var byteCount = 0

    var isEmpty: Bool { waiting.isEmpty }

    mutating func append(_ frames: Frames) {
        waiting.append(frames)
        byteCount += Self.cost(of: frames)
    }

    private static func cost(of frames: Frames) -> Int { frames.bytes.count + 100 }

    /// Removes up to `limit` packets and returns them as a payload.
    mutating func takeAnswer(limit: Int = maxPacketsPerAnswer) -> [UInt8] {
        var payload: [UInt8] = []
        var packets = 0
        var finished = 0
        while finished < waiting.count, packets < limit {
            let frames = waiting[finished]
            while taken < frames.count, packets < limit {
                if packets > 0 { payload.append(PollingPayload.separator) }
                frames.appendPollingPacket(taken, to: &payload)
                taken += 1
                packets += 1
            }
            guard taken == frames.count else { break }
            byteCount -= Self.cost(of: frames)
            taken = 0
            finished += 1
        }
        waiting.removeFirst(finished)
        return payload
    }

    /// Removes everything, in order, for a WebSocket.
    mutating func takeAll() -> [Frames] {
        defer { self = PollingQueue() }
        guard taken > 0, let first = waiting.first else { return waiting }
        var builder = FramesBuilder()
        for index in taken..<first.count {
            let bound = first.bounds[index]
            builder.append(Array(first.bytes[Int(bound.payloadStart)..<Int(bound.end)]), isBinary: bound.isBinary)
        }
        return [builder.finish()] + waiting.dropFirst()
    }
}
