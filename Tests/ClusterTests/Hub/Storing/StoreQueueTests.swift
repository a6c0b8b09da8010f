import Actors
import Persistence
import Testing
import Transport

@testable import Cluster

@Suite("Store queue: one group is being stored while the next one gathers")
struct StoreQueueTests {
    var queue = StoreQueue(maxGroupCount: 1024)

    @Test("an empty queue has no group")
    mutating func empty() {
        #expect(queue.nextGroup() == nil)
        #expect(queue.count == 0)
    }

    @Test("all waiting messages make up the next group, in order of arrival")
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

    private func request(_ text: String) throws -> StoreQueue.Entry {
        StoreQueue.Entry(
            session: try SessionKey("A"), owner: Incarnation(number: 1),
            draft: MessageDraft(clientOffset: nil, content: Array(text.utf8)), cost: text.utf8.count)
    }

    private func texts(_ group: [StoreQueue.Entry]?) -> [String]? {
        group?.map { String(decoding: $0.draft.content, as: UTF8.self) }
    }
}
