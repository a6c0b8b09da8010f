import Testing
import Transport

@testable import Actors

@Suite("Message ring: random appends against a list")
struct MessageRingModelTests {
    /// Everything since the last reset; what the ring holds is computed from it anew each time.
    struct Model {
        let capacity: Int
        var start: Int64 = 0
        var entries: [(id: Int64, frames: Frames)] = []

        /// The longest end of the list that fits.
        var kept: ArraySlice<(id: Int64, frames: Frames)> {
            var bytes = 0
            let count = entries.reversed().prefix { entry in
                bytes += entry.frames.bytes.count
                return bytes <= capacity
            }.count
            return entries.suffix(count)
        }

        var from: Int64 { entries.dropLast(kept.count).last?.id ?? start }

        func messages(after id: Int64, limit: Int) -> (texts: [String], last: Int64)? {
            guard id == from || kept.contains(where: { $0.id == id }) else { return nil }
            var bytes = 0
            let found = kept.filter { $0.id > id }.prefix { entry in
                defer { bytes += entry.frames.bytes.count }
                return bytes < limit
            }
            return found.last.map { (found.flatMap(\.frames.texts), $0.id) }
        }
    }

    @Test("interval, bound and every lookup agree", arguments: 0..<12)
    func agrees(seed: UInt64) {
        var random = PacketsSplitMix64(seed: seed)
        var model = Model(capacity: Int.random(in: 20...300, using: &random))
        var ring = MessageRing(capacity: model.capacity)
        var id: Int64 = 0
        for _ in 0..<200 {
            id += Int64.random(in: 1...4, using: &random)
            if Int.random(in: 0..<50, using: &random) == 0 {
                ring.reset(to: id)
                (model.start, model.entries) = (id, [])
            } else {
                var builder = FramesBuilder()
                for number in 0..<Int.random(in: 1...3, using: &random) {
                    builder.append(Array("\(id).\(number)".utf8), isBinary: false)
                }
                let frames = builder.finish()
                ring.append(frames, through: id)
                model.entries.append((id, frames))
            }
            #expect(ring.from == model.from && ring.to == id)
            let limit = Int.random(in: 1...60, using: &random)
            for asked in max(0, ring.from - 3)...(id + 2) {
                let found = ring.messages(after: asked, limit: limit)
                let expected = model.messages(after: asked, limit: limit)
                #expect(found?.frames.flatMap(\.texts) == expected?.texts, "after \(asked) in (\(ring.from), \(id)]")
                #expect(found?.last == expected?.last)
            }
        }
    }
}
