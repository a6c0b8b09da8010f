import Testing
import Transport

@testable import Actors

@Suite("Message ring: the recent messages, with nothing missing")
struct MessageRingTests {
    /// A frame of ten bytes: two of header, eight of text.
    static func frames(_ id: Int64) -> Frames { Frames(text: "message\(id % 10)") }

    @Test("a new ring is an empty interval")
    func empty() {
        let ring = MessageRing(capacity: 100, at: 7)
        #expect(ring.from == 7 && ring.to == 7)
        #expect(ring.messages(after: 7, limit: 100) == nil)
    }

    @Test("a reader that is behind gets what it missed, in order")
    func gives() throws {
        var ring = MessageRing(capacity: 100)
        for id: Int64 in [1, 2, 5] { ring.append(Self.frames(id), through: id) }
        let (frames, last) = try #require(ring.messages(after: 1, limit: 100))
        #expect(frames.flatMap(\.texts) == ["message2", "message5"])
        #expect(last == 5)
    }

    @Test("a reader inside an interval that is one piece gets nothing from here", arguments: [3, 4])
    func betweenEntries(id: Int64) {
        var ring = MessageRing(capacity: 100)
        ring.append(Self.frames(2), through: 2)
        ring.append(Self.frames(5), through: 5)
        #expect(ring.messages(after: id, limit: 100) == nil)
    }

    @Test("a reader that has everything, or more, gets nothing", arguments: [5, 6])
    func upToDate(id: Int64) {
        var ring = MessageRing(capacity: 100)
        ring.append(Self.frames(5), through: 5)
        #expect(ring.messages(after: id, limit: 100) == nil)
    }

    @Test("what is over the capacity is given up, oldest first")
    func bounded() {
        var ring = MessageRing(capacity: 30)
        for id: Int64 in 1...4 { ring.append(Self.frames(id), through: id) }
        #expect(ring.from == 1 && ring.to == 4)
        #expect(ring.messages(after: 0, limit: 100) == nil)
        #expect(ring.messages(after: 1, limit: 100)?.frames.count == 3)
    }

    @Test("a piece larger than the ring leaves an empty interval behind it")
    func tooLarge() {
        var ring = MessageRing(capacity: 15)
        ring.append(Self.frames(1), through: 1)
        ring.append(Frames(text: "a message larger than the ring"), through: 2)
        #expect(ring.from == 2 && ring.to == 2)
        ring.append(Self.frames(3), through: 3)
        #expect(ring.messages(after: 2, limit: 100)?.last == 3)
    }

    @Test("what was given up is not kept in memory")
    func releases() {
        var ring = MessageRing(capacity: 15)
        weak var given: Frames?
        do {
            let frames = Self.frames(1)
            given = frames
            ring.append(frames, through: 1)
        }
        #expect(given != nil)
        ring.append(Self.frames(2), through: 2)
        #expect(ring.from == 1 && given == nil)
    }

    @Test(
        "one answer stops as soon as it reaches its limit", arguments: [(1, 1), (10, 1), (11, 2), (20, 2), (1000, 4)])
    func limited(bytes: Int, entries: Int) {
        var ring = MessageRing(capacity: 100)
        for id: Int64 in 1...4 { ring.append(Self.frames(id), through: id) }
        let answer = ring.messages(after: 0, limit: bytes)
        #expect(answer?.frames.count == entries)
        #expect(answer?.last == Int64(entries))
    }

    @Test("after a reset nothing of before is left")
    func reset() {
        var ring = MessageRing(capacity: 100)
        ring.append(Self.frames(1), through: 1)
        ring.reset(to: 9)
        #expect(ring.from == 9 && ring.to == 9)
        #expect(ring.messages(after: 0, limit: 100) == nil && ring.messages(after: 1, limit: 100) == nil)
        ring.append(Self.frames(10), through: 10)
        #expect(ring.messages(after: 9, limit: 100)?.frames.flatMap(\.texts) == ["message0"])
    }
}
