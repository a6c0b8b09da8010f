import TestSupport
import Testing

@_spi(Collections) @testable import Actors

@Suite("Queue: first in, first out")
struct QueueTests {
    @Test("an empty queue has no first element")
    func empty() {
        var queue = Queue<Int>()
        #expect(queue.isEmpty && queue.count == 0 && queue.first == nil)
        #expect(queue.removeFirst() == nil)
    }

    @Test("a queue behaves like an array whose first element is removed", arguments: 0..<8)
    func agreesWithAnArray(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var queue = Queue<Int>()
        var array: [Int] = []
        // Long phases of growth and shrinkage, so that the queue compacts its storage many times.
        for step in 0..<2000 {
            let isGrowing = (step / 200).isMultiple(of: 2)
            if Int.random(in: 0..<10, using: &random) < (isGrowing ? 7 : 3) {
                queue.append(step)
                array.append(step)
            } else {
                #expect(queue.removeFirst() == (array.isEmpty ? nil : array.removeFirst()))
            }
            #expect(queue.count == array.count && queue.first == array.first && queue.isEmpty == array.isEmpty)
        }
    }

    @Test("removing by a condition keeps the order of the others")
    func removeAll() {
        var queue = Queue<Int>()
        for number in 0..<100 { queue.append(number) }
        for _ in 0..<10 { _ = queue.removeFirst() }
        queue.removeAll { $0.isMultiple(of: 3) }
        #expect(queue.count == 60 && queue.first == 10)
        queue.append(1)
        var rest: [Int] = []
        while let number = queue.removeFirst() { rest.append(number) }
        #expect(rest == (10..<100).filter { !$0.isMultiple(of: 3) } + [1])
    }

    @Test("the queue releases a removed element")
    func releases() {
        final class Element {}
        var queue = Queue<Element>()
        weak var removed: Element?
        do {
            let element = Element()
            removed = element
            queue.append(element)
        }
        queue.append(Element())
        #expect(removed != nil)
        _ = queue.removeFirst()
        #expect(removed == nil && queue.count == 1)
    }
}
