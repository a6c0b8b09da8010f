import Testing

@testable import Actors

@Suite("Event queue: one handler at a time, in order of arrival")
struct EventQueueTests {
    var queue = EventQueue<String>()

    @Test("what arrives while nothing runs is handled at once")
    mutating func arrives() {
        #expect(queue.arrive("a") == "a")
        #expect(queue.count == 0)
    }

    @Test("what arrives while a handler runs waits for its turn")
    mutating func waits() {
        _ = queue.arrive("a")
        #expect(queue.arrive("b") == nil)
        #expect(queue.arrive("c") == nil)
        #expect(queue.count == 2)
        #expect(queue.finish() == "b")
        #expect(queue.finish() == "c")
        #expect(queue.finish() == nil)
    }

    @Test("what arrives between two handlers goes behind those that wait")
    mutating func goesBehind() {
        _ = queue.arrive("a")
        _ = queue.arrive("b")
        #expect(queue.finish() == "b")
        #expect(queue.arrive("c") == nil)
        #expect(queue.finish() == "c")
    }

    @Test("after the last handler has returned the next arrival is handled at once")
    mutating func restarts() {
        _ = queue.arrive("a")
        #expect(queue.finish() == nil)
        #expect(queue.arrive("b") == "b")
    }

    @Test("what waits can be forgotten, while the handler that runs goes on")
    mutating func clears() {
        _ = queue.arrive("a")
        _ = queue.arrive("b")
        queue.clear()
        #expect(queue.count == 0)
        #expect(queue.arrive("c") == nil)
        #expect(queue.finish() == "c")
    }

    @Test("a held queue makes even the first arrival wait, until it is let go")
    mutating func holds() {
        queue.hold()
        #expect(queue.arrive("a") == nil)
        #expect(queue.arrive("b") == nil)
        #expect(queue.finish() == "a")
        #expect(queue.finish() == "b")
        #expect(queue.finish() == nil)
    }

    @Test("a held queue to which nothing came handles the next arrival at once")
    mutating func holdsNothing() {
        queue.hold()
        #expect(queue.finish() == nil)
        #expect(queue.arrive("a") == "a")
    }
}
