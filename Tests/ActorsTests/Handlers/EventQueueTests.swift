import Testing

@testable import Actors

@Suite("Event queue: one handler at a time, in order of arrival")
struct EventQueueTests {
    var queue = EventQueue<String>()

    @Test("an entry that arrives while no handler runs is handled immediately")
    mutating func arrives() {
        #expect(queue.enqueue("a") == "a")
        #expect(queue.count == 0)
    }

    @Test("entries that arrive while a handler runs wait in order")
    mutating func waits() {
        _ = queue.enqueue("a")
        #expect(queue.enqueue("b") == nil)
        #expect(queue.enqueue("c") == nil)
        #expect(queue.count == 2)
        #expect(queue.finish() == "b")
        #expect(queue.finish() == "c")
        #expect(queue.finish() == nil)
    }

    @Test("an entry that arrives after one handler returned queues after the waiting entries")
    mutating func goesBehind() {
        _ = queue.enqueue("a")
        _ = queue.enqueue("b")
        #expect(queue.finish() == "b")
        #expect(queue.enqueue("c") == nil)
        #expect(queue.finish() == "c")
    }

    @Test("after the last handler has returned, the next entry is handled immediately")
    mutating func restarts() {
        _ = queue.enqueue("a")
        #expect(queue.finish() == nil)
        #expect(queue.enqueue("b") == "b")
    }

    @Test("clearing the queue drops waiting entries and does not end the running handler")
    mutating func clears() {
        _ = queue.enqueue("a")
        _ = queue.enqueue("b")
        queue.clear()
        #expect(queue.count == 0)
        #expect(queue.enqueue("c") == nil)
        #expect(queue.finish() == "c")
    }

    @Test("in a held queue even the first entry waits until the hold ends")
    mutating func holds() {
        queue.hold()
        #expect(queue.enqueue("a") == nil)
        #expect(queue.enqueue("b") == nil)
        #expect(queue.finish() == "a")
        #expect(queue.finish() == "b")
        #expect(queue.finish() == nil)
    }

    @Test("after a hold without entries, the next entry is handled immediately")
    mutating func holdsNothing() {
        queue.hold()
        #expect(queue.finish() == nil)
        #expect(queue.enqueue("a") == "a")
    }
}
