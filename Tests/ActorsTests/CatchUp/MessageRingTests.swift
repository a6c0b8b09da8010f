import Persistence
import Testing

@testable import Actors

@Suite("Message ring: the recent messages without gaps")
struct MessageRingTests {
    /// A message with a cost of 72 bytes.
    static func message(_ id: Int64) -> StoredMessage {
        StoredMessage(id: id, content: Array("message\(id % 10)".utf8))
    }

    static func ring(capacity: Int = 1000, holding ids: [Int64]) -> MessageRing {
        var ring = MessageRing(capacity: capacity)
        for id in ids { ring.append(message(id)) }
        return ring
    }

    @Test("a new ring is an empty interval")
    func empty() {
        let ring = MessageRing(capacity: 100, at: 7)
        #expect(ring.from == 7 && ring.to == 7)
        #expect(ring.messages(after: 7, limit: 100) == nil)
    }

    @Test("a lookup returns the messages after an id in order, across gaps in ids", arguments: [1, 2, 3, 4])
    func gives(after id: Int64) {
        let ring = Self.ring(holding: [1, 2, 5])
        #expect(ring.messages(after: id, limit: 1000)?.map(\.id) == [2, 5].filter { $0 > id })
    }

    @Test("a lookup at or above the last id returns nil", arguments: [5, 6])
    func upToDate(id: Int64) {
        #expect(Self.ring(holding: [5]).messages(after: id, limit: 100) == nil)
    }

    @Test("the ring evicts the oldest messages above its capacity")
    func bounded() {
        let ring = Self.ring(capacity: 216, holding: [1, 2, 3, 4])
        #expect(ring.from == 1 && ring.to == 4)
        #expect(ring.messages(after: 0, limit: 1000) == nil)
        #expect(ring.messages(after: 1, limit: 1000)?.map(\.id) == [2, 3, 4])
    }

    @Test("a message larger than the ring leaves an empty interval that ends at its id")
    func tooLarge() {
        var ring = Self.ring(capacity: 100, holding: [1])
        ring.append(StoredMessage(id: 2, content: [UInt8](repeating: 0x78, count: 100)))
        #expect(ring.from == 2 && ring.to == 2)
        ring.append(Self.message(3))
        #expect(ring.messages(after: 2, limit: 100)?.map(\.id) == [3])
    }

    @Test(
        "a lookup ends with the message that reaches its limit",
        arguments: [(1, 1), (72, 1), (73, 2), (144, 2), (1000, 4)])
    func limited(bytes: Int, count: Int) {
        #expect(Self.ring(holding: [1, 2, 3, 4]).messages(after: 0, limit: bytes)?.count == count)
    }

    @Test("a reset removes all messages")
    func reset() {
        var ring = Self.ring(holding: [1])
        ring.reset(to: 9)
        #expect(ring.from == 9 && ring.to == 9)
        #expect(ring.messages(after: 0, limit: 100) == nil && ring.messages(after: 1, limit: 100) == nil)
        ring.append(Self.message(10))
        #expect(ring.messages(after: 9, limit: 100)?.map(\.id) == [10])
    }

    @Test(
        "deleted messages are gone from the ring, whose interval stays the same",
        arguments: [
            (.through(2), [3, 4, 5]), (.through(0), [1, 2, 3, 4, 5]), (.through(9), []),
            (.messages([2, 5, 7]), [1, 3, 4]),
        ] as [(DeletedMessages, [Int64])])
    func deleted(messages: DeletedMessages, left: [Int64]) {
        var ring = Self.ring(holding: [1, 2, 3, 4, 5])
        ring.remove(messages)
        #expect(ring.from == 0 && ring.to == 5)
        #expect(ring.messages(after: 0, limit: 1000).map { $0.map(\.id) } == left)
        ring.append(Self.message(6))
        #expect(ring.messages(after: 0, limit: 1000)?.map(\.id) == left + [6])
    }

    @Test("deleted messages do not count against the capacity any more")
    func deletedSize() {
        var ring = Self.ring(capacity: 216, holding: [1, 2, 3, 4])
        ring.remove(.messages([2, 3]))
        ring.append(Self.message(5))
        ring.append(Self.message(6))
        #expect(ring.from == 1)
        #expect(ring.messages(after: 1, limit: 1000)?.map(\.id) == [4, 5, 6])
    }
}
