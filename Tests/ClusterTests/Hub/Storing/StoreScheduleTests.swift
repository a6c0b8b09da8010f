import Persistence
import Testing

@testable import Cluster

@Suite("Store schedule: one call at a time, and none while a link is congested")
struct StoreScheduleTests {
    private static let group = [MessageDraft(clientOffset: nil, content: [1])]

    private var schedule = StoreSchedule()

    /// Starts the next call. By default messages have gathered.
    private mutating func next(isCongested: Bool = false, gathered: [MessageDraft]? = group) -> StoreSchedule.Work? {
        schedule.next(hasGathered: gathered != nil, isCongested: isCongested) { gathered }
    }

    @Test("a call starts only after the previous one has ended")
    mutating func oneAtATime() {
        #expect(next() == .commit(Self.group))
        #expect(next() == nil)
        schedule.finish()
        #expect(next() == .commit(Self.group))
        schedule.finish()
        #expect(next(gathered: nil) == nil)
    }

    @Test("no call starts while a link is congested, unless the hub closes")
    mutating func congested() {
        #expect(next(isCongested: true) == nil)
        schedule.beginClosing()
        #expect(next(isCongested: true) == .commit(Self.group))
    }

    @Test("a deferred group is committed before anything else")
    mutating func deferred() {
        let other = [MessageDraft(clientOffset: nil, content: [2])]
        #expect(next() == .commit(Self.group))
        schedule.finish(deferred: Self.group)
        schedule.requestPoll()
        #expect(next(isCongested: true, gathered: other) == nil)
        #expect(next(gathered: other) == .commit(Self.group))
        schedule.finish()
        #expect(next(gathered: other) == .poll)
        schedule.finishPoll(foundMessages: false)
        #expect(next(gathered: other) == .commit(other))
    }

    @Test("a poll that finds messages is followed by another poll")
    mutating func polls() {
        schedule.requestPoll()
        #expect(next() == .poll)
        schedule.finishPoll(foundMessages: true)
        #expect(next() == .poll)
        schedule.finishPoll(foundMessages: false)
        #expect(next(gathered: nil) == nil)
    }

    @Test("deletions of single messages take turns with groups, and come before other deletions")
    mutating func deletions() {
        schedule.requestPruning()
        let areTaken = (schedule.requestDeletion(of: [1]), schedule.requestDeletion(of: [2]))
        #expect(areTaken == (true, true))
        #expect(next() == .delete([1]))
        schedule.finishDeletion()
        #expect(next() == .commit(Self.group))
        schedule.finish()
        #expect(next() == .delete([2]))
        schedule.finishDeletion()
        #expect(next() == .commit(Self.group))
        schedule.finish()
        #expect(next() == .prune)
        schedule.finishPruning(mayContinue: false)
        #expect(next(gathered: nil) == nil)
    }

    @Test("too many deletions are refused, and all once the hub closes")
    mutating func refusedDeletions() {
        for number in 1...StoreSchedule.maxDeletions {
            let isTaken = schedule.requestDeletion(of: [Int64(number)])
            #expect(isTaken)
        }
        let isTaken = schedule.requestDeletion(of: [99])
        schedule.beginClosing()
        let isTakenLate = schedule.requestDeletion(of: [99])
        #expect(!isTaken && !isTakenLate)
        #expect(next(gathered: nil) == nil)
    }

    @Test("a look requested during a call leads to another call, which may be a commit")
    mutating func looks() {
        #expect(next() == .commit(Self.group))
        schedule.requestLook()
        schedule.finish()
        #expect(next(gathered: nil) == .poll)
        schedule.requestLook()
        schedule.finishPoll(foundMessages: false)
        #expect(next() == .commit(Self.group))
        schedule.finish()
        #expect(next(gathered: nil) == nil)
        schedule.requestLook()
        schedule.beginClosing()
        schedule.requestLook()
        #expect(next(gathered: nil) == nil)
    }

    @Test("a poll requested during a commit or after closing began is dropped")
    mutating func noPoll() {
        #expect(next() == .commit(Self.group))
        schedule.requestPoll()
        schedule.finish()
        #expect(next(gathered: nil) == nil)
        schedule.requestPoll()
        schedule.beginClosing()
        schedule.requestPoll()
        #expect(next(gathered: nil) == nil)
        schedule.close()
        #expect(schedule.isClosed && next(gathered: nil) == nil)
        #expect(next() == .commit(Self.group), "the commit will fail")
    }

    @Test("deletions and groups take turns, so that neither waits for long")
    mutating func turns() {
        schedule.requestPruning()
        for _ in 0..<3 {
            #expect(next() == .prune)
            schedule.finishPruning(mayContinue: true)
            #expect(next() == .commit(Self.group))
            schedule.finish()
        }
        #expect(next(gathered: nil) == .prune)
        schedule.finishPruning(mayContinue: true)
        #expect(next(gathered: nil) == .prune)
        schedule.finishPruning(mayContinue: false)
        #expect(next(gathered: nil) == nil)
    }

    @Test("a hub that closes deletes nothing any more")
    mutating func noPruningAtTheEnd() {
        schedule.requestPruning()
        schedule.beginClosing()
        schedule.requestPruning()
        #expect(next(gathered: nil) == nil)
    }
}
