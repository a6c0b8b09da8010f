import Testing

@testable import Cluster

@Suite("Supervisor: replaces every process, one slot after the other")
struct ReplacementTests {
    private var machine = SupervisorStateMachine(slots: 2, drainTime: .seconds(10))
    private let start = ContinuousClock.now

    private mutating func serve() {
        _ = machine.start(at: start)
        for number in 1...2 { _ = machine.serving(number, at: start) }
    }

    @Test("the new process serves before the old one drains, and the next slot follows when the old one has ended")
    mutating func oneByOne() {
        serve()
        #expect(machine.replaceAll(at: start) == [.beginReplacement, .spawn(slot: 0, number: 3)])
        #expect(machine.isReplacement(3) && !machine.isReplacement(1))
        #expect(machine.serving(3, at: start) == [.drain(number: 1, over: .seconds(10))])
        #expect(!machine.isReplacement(3))
        #expect(machine.ended(1, at: start).actions == [.spawn(slot: 1, number: 4)])
        #expect(machine.serving(4, at: start) == [.drain(number: 2, over: .seconds(10))])
        let (actions, delay) = machine.ended(2, at: start)
        #expect(actions == [.finishReplacement] && delay == nil)
        #expect(machine.nextDeadline == nil)
    }

    @Test("a new process that ends leaves the old ones in place, and no further slot is tried")
    mutating func endsEarly() {
        serve()
        _ = machine.replaceAll(at: start)
        let (actions, delay) = machine.ended(3, at: start)
        #expect(actions == [.abandonReplacement(slot: 0, oldStays: true)] && delay == nil)
        #expect(machine.nextDeadline == nil)
        let attempt = machine.replaceAll(at: start)
        #expect(attempt == [.beginReplacement, .spawn(slot: 0, number: 4)], "another attempt is possible")
    }

    @Test("a new process that does not serve in time is killed, and the old one stays")
    mutating func hangs() {
        serve()
        _ = machine.replaceAll(at: start)
        let late = start + SupervisorStateMachine.startTimeout
        #expect(machine.due(at: late) == [.kill(number: 3)])
        #expect(machine.ended(3, at: late).actions == [.abandonReplacement(slot: 0, oldStays: true)])
    }

    @Test("if the old process dies, the new one takes its slot without delay, and the round continues")
    mutating func oldDies() {
        serve()
        _ = machine.replaceAll(at: start)
        let (actions, delay) = machine.ended(1, at: start)
        #expect(actions.isEmpty && delay == nil)
        #expect(machine.serving(3, at: start) == [.spawn(slot: 1, number: 4)])
    }

    @Test("if the old and the new process die, the round ends and the slot is restarted", arguments: [true, false])
    mutating func bothDie(isKilled: Bool) {
        serve()
        _ = machine.replaceAll(at: start)
        _ = machine.ended(1, at: start)
        if isKilled { _ = machine.evict(3, at: start) }
        let (actions, delay) = machine.ended(3, at: start)
        #expect(actions == [.abandonReplacement(slot: 0, oldStays: false)] && delay == .milliseconds(100))
        #expect(machine.due(at: start + .milliseconds(100)) == [.spawn(slot: 0, number: 4)])
        #expect(machine.serving(4, at: start) == [])
    }

    @Test("if a new process dies after it has taken over, the round ends, and the one that starts is killed")
    mutating func diesAfterServing() {
        serve()
        _ = machine.replaceAll(at: start)
        _ = machine.serving(3, at: start)
        #expect(machine.ended(1, at: start).actions == [.spawn(slot: 1, number: 4)])
        let (actions, delay) = machine.ended(3, at: start)
        #expect(actions == [.kill(number: 4), .abandonReplacement(slot: 0, oldStays: false)])
        #expect(delay == .milliseconds(100))
        #expect(machine.isReplacement(4), "its end is no news")
        #expect(machine.serving(4, at: start) == [], "it was killed")
        let (rest, _) = machine.ended(4, at: start)
        #expect(rest == [] && !machine.isReplacement(4))
        #expect(machine.due(at: start + .milliseconds(100)) == [.spawn(slot: 0, number: 5)])
    }

    @Test("an old process that does not end in time is killed")
    mutating func drainsTooLong() {
        serve()
        _ = machine.replaceAll(at: start)
        _ = machine.serving(3, at: start)
        let late = start + .seconds(10) + SupervisorStateMachine.stopTimeout
        #expect(machine.nextDeadline == late)
        #expect(machine.due(at: late) == [.kill(number: 1)])
        #expect(machine.ended(1, at: late).actions == [.spawn(slot: 1, number: 4)])
    }

    @Test("an empty slot gets its next process at once, and the round goes on when that one serves")
    mutating func emptySlot() {
        serve()
        _ = machine.ended(1, at: start)
        #expect(machine.replaceAll(at: start) == [.beginReplacement, .spawn(slot: 0, number: 3)])
        #expect(!machine.isReplacement(3))
        #expect(machine.due(at: start + .seconds(1)) == [], "the restart is not due again")
        #expect(machine.serving(3, at: start) == [.spawn(slot: 1, number: 4)])
    }

    @Test("the process of an empty slot that ends before it serves ends the round")
    mutating func emptySlotFails() {
        serve()
        _ = machine.ended(1, at: start)
        _ = machine.replaceAll(at: start)
        let (actions, delay) = machine.ended(3, at: start)
        #expect(actions == [.abandonReplacement(slot: 0, oldStays: false)] && delay == .milliseconds(200))
    }

    @Test("a request during a round makes another round follow")
    mutating func again() {
        serve()
        _ = machine.replaceAll(at: start)
        #expect(machine.replaceAll(at: start) == [])
        #expect(machine.replaceAll(at: start) == [], "one further round is enough")
        var actions: [SupervisorStateMachine.Action] = []
        for (new, old) in [(3, 1), (4, 2), (5, 3), (6, 4)] {
            _ = machine.serving(new, at: start)
            actions += machine.ended(old, at: start).actions
        }
        let first: [SupervisorStateMachine.Action] = [.spawn(slot: 1, number: 4), .finishReplacement]
        let second: [SupervisorStateMachine.Action] = [
            .beginReplacement, .spawn(slot: 0, number: 5), .spawn(slot: 1, number: 6), .finishReplacement,
        ]
        #expect(actions == first + second)
        #expect(machine.replaceAll(at: start) == [.beginReplacement, .spawn(slot: 0, number: 7)])
    }

    @Test("a request during a round that fails makes another round follow")
    mutating func againAfterFailure() {
        serve()
        _ = machine.replaceAll(at: start)
        _ = machine.replaceAll(at: start)
        #expect(
            machine.ended(3, at: start).actions == [
                .abandonReplacement(slot: 0, oldStays: true), .beginReplacement, .spawn(slot: 0, number: 4),
            ])
        #expect(machine.ended(4, at: start).actions == [.abandonReplacement(slot: 0, oldStays: true)])
    }

    @Test("a request during a round that fails after a takeover starts the slot's next process at once")
    mutating func againAfterLateFailure() {
        serve()
        _ = machine.replaceAll(at: start)
        _ = machine.serving(3, at: start)
        _ = machine.replaceAll(at: start)
        let (actions, delay) = machine.ended(3, at: start)
        #expect(
            actions == [
                .abandonReplacement(slot: 0, oldStays: false), .beginReplacement, .spawn(slot: 0, number: 4),
            ])
        #expect(delay == .zero)
        #expect(machine.serving(4, at: start) == [], "the first process still drains")
        #expect(machine.ended(1, at: start).actions == [.spawn(slot: 1, number: 5)])
    }

    @Test("a stop ends the round and stops the old and the new process")
    mutating func stopped() {
        serve()
        _ = machine.replaceAll(at: start)
        #expect(machine.stop(at: start, isGraceful: false) == (1...3).map { .stop(number: $0) })
        #expect(machine.serving(3, at: start) == [])
        #expect(machine.replaceAll(at: start) == [])
        for number in 1...2 { #expect(machine.ended(number, at: start).actions == []) }
        #expect(machine.ended(3, at: start).actions == [.finish])
    }

    @Test("a stop shortens the time of a drain in progress, and never extends it")
    mutating func stoppedWhileDraining() {
        serve()
        _ = machine.replaceAll(at: start)
        _ = machine.serving(3, at: start)
        let soon = start + .seconds(1)
        #expect(machine.stop(at: soon, isGraceful: false) == (1...3).map { .stop(number: $0) })
        #expect(machine.nextDeadline == soon + SupervisorStateMachine.stopTimeout)
    }
}
