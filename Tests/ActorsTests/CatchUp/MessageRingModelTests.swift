import Persistence
import TestSupport
import Testing

@testable import Actors

@Suite("Message ring compared with a list")
struct MessageRingModelTests {
    /// A list of all messages since the last reset. It computes the expected contents of the ring at each access.
    struct Model {
        let capacity: Int
        var start: Int64 = 0
        var messages: [StoredMessage] = []

        /// The longest suffix of the list that fits into the capacity.
        var kept: ArraySlice<StoredMessage> {
            var bytes = 0
            let count = messages.reversed().prefix { message in
                bytes += message.byteCount + 64
                return bytes <= capacity
            }.count
            return messages.suffix(count)
        }

        var from: Int64 { messages.dropLast(kept.count).last?.id ?? start }

        func messages(after id: Int64, limit: Int) -> [StoredMessage]? {
            guard id >= from, id < messages.last?.id ?? start else { return nil }
            var bytes = 0
            return kept.filter { $0.id > id }.prefix { message in
                defer { bytes += message.byteCount + 64 }
                return bytes < limit
            }
        }
    }

    @Test("the interval and every lookup match the list after random appends", arguments: 0..<12)
    func agrees(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var model = Model(capacity: Int.random(in: 50...900, using: &random))
        var ring = MessageRing(capacity: model.capacity)
        var id: Int64 = 0
        for _ in 0..<200 {
            id += Int64.random(in: 1...4, using: &random)
            if Int.random(in: 0..<50, using: &random) == 0 {
                ring.reset(to: id)
                (model.start, model.messages) = (id, [])
            } else {
                let content = [UInt8](repeating: 0x78, count: Int.random(in: 0...100, using: &random))
                let name = Bool.random(using: &random) ? [UInt8](repeating: 0x79, count: 30) : nil
                let message = StoredMessage(id: id, content: content, author: name, clientOffset: name)
                ring.append(message)
                model.messages.append(message)
            }
            #expect(ring.from == model.from && ring.to == id)
            let limit = Int.random(in: 1...400, using: &random)
            for asked in max(0, ring.from - 3)...(id + 2) {
                let found = ring.messages(after: asked, limit: limit).map { Array($0) }
                #expect(found == model.messages(after: asked, limit: limit), "after \(asked) in (\(ring.from), \(id)]")
            }
        }
    }
}
