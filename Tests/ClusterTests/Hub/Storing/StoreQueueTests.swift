import Actors
import Persistence
import Testing
import Transport

@testable import Cluster

@Suite("Store queue: one group is being stored while the next ones gather")
struct StoreQueueTests {
    var queue = StoreQueue(maxGroupCount: 1024, maxGroupBytes: 1 << 20)

    @Test("an empty queue has no group")
    mutating func empty() {
        #expect(queue.nextGroup() == nil)
        #expect(queue.count == 0)
    }

    @Test("all waiting messages of a session make up the next group, in order of arrival")
    mutating func groups() throws {
        for text in ["a", "b", "c"] { queue.append(try request(text)) }
        #expect(texts(queue.nextGroup()) == ["a", "b", "c"])
    }

    @Test("while a group is being stored the next one gathers")
    mutating func gathers() throws {
        queue.append(try request("a"))
        _ = queue.nextGroup()
        queue.append(try request("b"))
        queue.append(try request("c"))
        #expect(queue.nextGroup() == nil)
        #expect(queue.count == 3)
        #expect(texts(queue.finishGroup()) == ["a"])
        #expect(texts(queue.nextGroup()) == ["b", "c"])
        #expect(queue.count == 2)
    }

    @Test("a group is finished only once")
    mutating func finishes() throws {
        queue.append(try request("a"))
        _ = queue.nextGroup()
        _ = queue.finishGroup()
        #expect(queue.finishGroup().isEmpty)
        #expect(queue.count == 0)
    }

    @Test("a group is bounded, and messages above the limit are in the next group")
    mutating func bounded() throws {
        for number in 0..<1024 + 2 { queue.append(try request("\(number)")) }
        #expect(queue.nextGroup()?.count == 1024)
        _ = queue.finishGroup()
        #expect(texts(queue.nextGroup()) == ["\(1024)", "\(1024 + 1)"])
    }

    @Test("a group that has reached its size in bytes takes no further message")
    mutating func boundedBytes() throws {
        queue = StoreQueue(maxGroupCount: 1024, maxGroupBytes: 10)
        for text in ["1234567", "1234567", "1"] { queue.append(try request(text)) }
        #expect(texts(queue.nextGroup()) == ["1234567", "1234567"])
        _ = queue.finishGroup()
        #expect(texts(queue.nextGroup()) == ["1"])
    }

    @Test("sessions take turns, and each keeps the order of its messages")
    mutating func turns() throws {
        for text in ["a1", "a2", "a3"] { queue.append(try request(text, of: "A")) }
        for text in ["b1", "b2"] { queue.append(try request(text, of: "B")) }
        queue.append(try request("c1", of: "C"))
        #expect(texts(queue.nextGroup()) == ["a1", "b1", "c1", "a2", "b2", "a3"])
    }

    @Test("a message of another session is in the group after that of a flood, however long the flood is")
    mutating func flood() throws {
        queue = StoreQueue(maxGroupCount: 4, maxGroupBytes: 1 << 20)
        for number in 0..<1000 { queue.append(try request("\(number)", of: "A")) }
        _ = queue.nextGroup()
        queue.append(try request("b", of: "B"))
        _ = queue.finishGroup()
        #expect(texts(queue.nextGroup())?.contains("b") == true)
        #expect(queue.count == 1001 - 4)
    }

    @Test("the messages of a session's earlier owner come before those of its present one")
    mutating func owners() throws {
        for text in ["a1", "a2", "a3"] { queue.append(try request(text, of: "A", ownerEpoch: 0)) }
        queue.append(try request("a4", of: "A", ownerEpoch: 1))
        #expect(texts(queue.nextGroup()) == ["a1", "a2", "a3", "a4"])
    }

    private func request(
        _ text: String, of session: Character = "A", ownerEpoch: UInt32 = 0
    ) throws -> StoreQueue.Entry {
        let id = try SessionKey(session).id
        return StoreQueue.Entry(
            session: SessionKey(id: id, ownerEpoch: ownerEpoch), owner: Incarnation(number: 1),
            draft: MessageDraft(clientOffset: nil, content: Array(text.utf8)), cost: text.utf8.count)
    }

    private func texts(_ group: [StoreQueue.Entry]?) -> [String]? {
        group?.map { String(decoding: $0.draft.content, as: UTF8.self) }
    }
}
