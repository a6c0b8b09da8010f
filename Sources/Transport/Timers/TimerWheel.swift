/// A hashed timing wheel. Starting, cancelling and firing a timer take constant time, whatever the number of timers.
///
/// Time is a tick count that the owner derives from its clock. A timer more than one revolution ahead stays in its slot
/// and is examined once per revolution. Timers never fire early. They fire late by less than one tick plus the owner's
/// own delay, in the order of their ticks, and within a tick in the order in which they were started. If the owner is
/// late by more than a revolution, they fire in no particular order.
///
/// The owner calls ``advance(to:)``, and then takes the timers that are due one after the other. So a timer that fires
/// can still cancel another one that is due.
struct TimerWheel<Target> {
    /// Identifies a started timer. Once the timer has fired or was cancelled, cancelling the token has no effect.
    struct Token: Equatable {
        fileprivate let index: Int32
        fileprivate let generation: UInt32
    }

    private struct Node {
        var target: Target?
        var deadline: UInt64
        var previous: Int32
        var next: Int32
        var generation: UInt32
        /// True if the node is in the list of due timers, not in the list of a slot.
        var isDue = false
    }

    private static var none: Int32 { -1 }

    private let mask: UInt64
    /// The first node of each slot's list; ``none`` if the slot is empty.
    private var slots: [Int32]
    /// One bit for each slot: 1 if the slot has timers.
    private var occupied: [UInt64]
    private var nodes: [Node] = []
    /// The first unused node. Unused nodes are linked by `next`.
    private var freeList: Int32 = -1
    /// The ends of the list of due timers; ``none`` if none is due.
    private var firstDue: Int32 = -1
    private var lastDue: Int32 = -1
    /// The first tick that `advance` has not processed.
    private var current: UInt64
    private(set) var count = 0

    /// - Parameters:
    ///   - slotCount: the number of ticks in a revolution: a power of two, at least 64.
    ///   - now: the current tick.
    init(slotCount: Int = 4096, now: UInt64 = 0) {
        precondition(slotCount >= 64 && slotCount & (slotCount - 1) == 0, "slotCount is a power of two, at least 64")
        mask = UInt64(slotCount - 1)
        slots = Array(repeating: Self.none, count: slotCount)
        occupied = Array(repeating: 0, count: slotCount / 64)
        current = now
    }

    /// Starts a timer that is due after the next `advance` whose tick is at least `deadline`.
    mutating func start(at deadline: UInt64, _ target: Target) -> Token {
        let due = max(deadline, current)
        let index = takeNode(Node(target: target, deadline: due, previous: Self.none, next: Self.none, generation: 0))
        link(index, into: Int(due & mask))
        count += 1
        return Token(index: index, generation: nodes[Int(index)].generation)
    }

    /// Cancels a timer. Has no effect on a timer that has fired or was cancelled.
    mutating func cancel(_ token: Token) {
        guard nodes[Int(token.index)].generation == token.generation, nodes[Int(token.index)].target != nil else {
            return
        }
        remove(token.index)
    }

    /// Removes and returns every target, in no particular order. Tokens issued before become invalid.
    mutating func removeAll() -> [Target] {
        var targets: [Target] = []
        for index in nodes.indices {
            guard let target = nodes[index].target else { continue }
            targets.append(target)
            remove(Int32(index))
        }
        return targets
    }

    /// Makes the timers due whose deadlines `tick` has reached.
    mutating func advance(to tick: UInt64) {
        guard tick >= current else { return }
        if count > 0 {
            for slotTick in current...min(tick, current + mask) { collectDue(of: Int(slotTick & mask), at: tick) }
        }
        current = tick + 1
    }

    /// Removes the next timer that is due and returns its target; nil if none is left.
    mutating func takeDue() -> Target? {
        guard firstDue != Self.none else { return nil }
        let target = nodes[Int(firstDue)].target
        remove(firstDue)
        return target
    }

    private mutating func collectDue(of slot: Int, at tick: UInt64) {
        // A slot's list begins with the timer that was started last, so each goes before those found earlier.
        let end = lastDue
        var index = slots[slot]
        while index != Self.none {
            let next = nodes[Int(index)].next
            if nodes[Int(index)].deadline <= tick {
                unlink(index)
                linkDue(index, after: end)
            }
            index = next
        }
    }

    /// A tick at or before the first deadline; nil without timers. `advance` may return nothing at this tick, because
    /// the slot may hold only timers of a later revolution.
    var nextTick: UInt64? {
        guard firstDue == Self.none else { return current }
        guard count > 0 else { return nil }
        let start = current & mask
        let words = occupied.count
        for step in 0...words {
            let word = (Int(start >> 6) + step) % words
            var bits = occupied[word]
            if step == 0 { bits &= ~0 << (start & 63) }
            if step == words { bits &= ~(~0 << (start & 63)) }
            guard bits != 0 else { continue }
            let slot = UInt64(word * 64 + bits.trailingZeroBitCount)
            return current + ((slot &- start) & mask)
        }
        return nil
    }

    private mutating func takeNode(_ node: Node) -> Int32 {
        guard freeList != Self.none else {
            nodes.append(node)
            return Int32(nodes.count - 1)
        }
        let index = freeList
        freeList = nodes[Int(index)].next
        let generation = nodes[Int(index)].generation
        nodes[Int(index)] = node
        nodes[Int(index)].generation = generation
        return index
    }

    /// Puts an unlinked node at the head of a slot's list.
    private mutating func link(_ index: Int32, into slot: Int) {
        let head = slots[slot]
        nodes[Int(index)].next = head
        if head != Self.none { nodes[Int(head)].previous = index }
        slots[slot] = index
        occupied[slot >> 6] |= 1 << UInt64(slot & 63)
    }

    private mutating func linkDue(_ index: Int32, after previous: Int32) {
        let next = previous == Self.none ? firstDue : nodes[Int(previous)].next
        nodes[Int(index)].previous = previous
        nodes[Int(index)].next = next
        nodes[Int(index)].isDue = true
        if previous == Self.none { firstDue = index } else { nodes[Int(previous)].next = index }
        if next == Self.none { lastDue = index } else { nodes[Int(next)].previous = index }
    }

    private mutating func unlink(_ index: Int32) {
        let node = nodes[Int(index)]
        if node.next != Self.none {
            nodes[Int(node.next)].previous = node.previous
        } else if node.isDue {
            lastDue = node.previous
        }
        if node.previous != Self.none {
            nodes[Int(node.previous)].next = node.next
        } else if node.isDue {
            firstDue = node.next
        } else {
            let slot = Int(node.deadline & mask)
            slots[slot] = node.next
            if node.next == Self.none { occupied[slot >> 6] &= ~(1 << UInt64(slot & 63)) }
        }
    }

    private mutating func remove(_ index: Int32) {
        unlink(index)
        nodes[Int(index)].target = nil
        nodes[Int(index)].generation &+= 1
        nodes[Int(index)].next = freeList
        nodes[Int(index)].previous = Self.none
        freeList = index
        count -= 1
    }
}

/// The receiver of a timer on an ``EventLoop``.
public protocol TimerTarget: AnyObject {
    /// Handles the deadline. Called once for each started timer, on the loop.
    func timerFired(at now: ContinuousClock.Instant)
    /// The loop has stopped and the timer will not fire. Called on the loop's thread. Does nothing by default.
    func loopEnded()
}

extension TimerTarget {
    public func loopEnded() {}
}
