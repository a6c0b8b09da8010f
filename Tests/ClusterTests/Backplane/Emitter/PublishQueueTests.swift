import Testing

@testable import Cluster

@Suite("What an emitter publishes")
struct PublishQueueTests {
    private typealias PublishQueue = Cluster.PublishQueue<RedisCommand>

    private let start = ContinuousClock.now
    private var queue = PublishQueue()

    /// Adds a message that waits until so many seconds after the start.
    private mutating func append(until seconds: Int = 10, byteCount: Int = 1) -> UInt64? {
        let command = RedisCommand("c", values: [[UInt8](repeating: 1, count: byteCount)])
        let id = queue.nextID()
        return queue.append(command, as: id, deadline: start + .seconds(seconds)) ? id : nil
    }

    /// Sends the next message with a command of this number.
    private mutating func send(_ command: UInt64) -> UInt64? {
        guard let entry = queue.next() else { return nil }
        queue.sent(entry, as: command)
        return entry.id
    }

    @Test("messages leave in their order, and end with their answers")
    mutating func order() {
        #expect(append() == 1)
        #expect(append() == 2)
        #expect(send(10) == 1)
        #expect(send(11) == 2)
        #expect(send(12) == nil)
        #expect(queue.byteCount > 0 && !queue.hasWaiting)
        #expect(queue.answered(10) == 1)
        #expect(queue.answered(10) == nil && queue.answered(9) == nil)
        #expect(queue.answered(11) == 2)
        #expect(queue.byteCount == 0 && queue.deadline == nil)
    }

    @Test("the bytes that wait are bounded")
    mutating func bounded() {
        #expect(append(byteCount: PublishQueue.limit) == 1)
        #expect(append() == nil)
        #expect(send(1) == 1)
        #expect(append() == nil)
        #expect(queue.answered(1) == 1)
        #expect(append() != nil)
    }

    @Test("a message whose time is up was sent or not")
    mutating func expiry() {
        _ = (append(until: 1), append(until: 2), append(until: 3))
        #expect(send(1) == 1)
        #expect(queue.deadline == start + .seconds(1))
        #expect(queue.expire(at: start) == [])
        let overdue = [PublishQueue.Overdue(id: 1, wasSent: true), PublishQueue.Overdue(id: 2, wasSent: false)]
        #expect(queue.expire(at: start + .seconds(2)) == overdue)
        #expect(queue.deadline == start + .seconds(3))
        #expect(queue.answered(1) == nil)
        #expect(send(2) == 3)
        #expect(queue.answered(2) == 3)
        #expect(queue.byteCount == 0)
    }

    @Test("the end of the connection leaves unknown what was sent, and keeps what was not")
    mutating func disconnected() {
        _ = (append(), append(), append())
        _ = (send(1), send(2))
        #expect(queue.answered(1) == 1)
        #expect(queue.connectionEnded() == [2])
        #expect(queue.connectionEnded() == [] && queue.hasWaiting)
        #expect(send(1) == 3)
    }

    @Test("a cancelled message that waits is never sent")
    mutating func cancelled() {
        _ = (append(), append(), append())
        #expect(queue.cancel(2) == true)
        #expect(queue.cancel(2) == false)
        #expect(send(1) == 1)
        #expect(send(2) == 3)
        #expect(queue.cancel(3) == true)
        #expect(queue.answered(2) == nil && queue.answered(1) == 1)
        #expect(queue.byteCount == 0)
    }

    @Test("all messages that wait can be given up")
    mutating func givenUp() {
        _ = (append(), append(), append())
        #expect(queue.cancel(2) == true)
        #expect(send(1) == 1)
        #expect(queue.removeWaiting() == [3])
        #expect(!queue.hasWaiting && queue.deadline == start + .seconds(10))
        #expect(queue.connectionEnded() == [1])
        #expect(queue.byteCount == 0)
    }
}
