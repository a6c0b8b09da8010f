import Persistence
import Testing

@testable import Cluster

@Suite("Store schedule: one call of the store at a time, and none while a link is congested")
struct StoreScheduleTests {
    private static let group = [MessageDraft(clientOffset: nil, content: [1])]

    private var schedule = StoreSchedule()

    /// Asks for the next call while messages have gathered.
    private mutating func next(isCongested: Bool = false, gathered: [MessageDraft]? = group) -> StoreSchedule.Work? {
        schedule.next(hasGathered: gathered != nil, isCongested: isCongested) { gathered }
    }

    @Test("a call waits for the one before it")
    mutating func oneByOne() {
        #expect(next() == .commit(Self.group))
        #expect(next() == nil)
        schedule.finish()
        #expect(next() == .commit(Self.group))
        schedule.finish()
        #expect(next(gathered: nil) == nil)
    }

    @Test("nothing is taken while a link is congested, and everything when the hub closes")
    mutating func congested() {
        #expect(next(isCongested: true) == nil)
        schedule.beginClosing()
        #expect(next(isCongested: true) == .commit(Self.group))
    }

    @Test("a group that was put off comes again before anything else")
    mutating func putOff() {
        let other = [MessageDraft(clientOffset: nil, content: [2])]
        #expect(next() == .commit(Self.group))
        schedule.finish(putOff: Self.group)
        schedule.requestPoll()
        #expect(next(isCongested: true, gathered: other) == nil)
        #expect(next(gathered: other) == .commit(Self.group))
        schedule.finish()
        #expect(next(gathered: other) == .poll)
        schedule.finishPoll(foundMessages: false)
        #expect(next(gathered: other) == .commit(other))
    }

    @Test("a poll that finds messages is followed by another one")
    mutating func polls() {
        schedule.requestPoll()
        #expect(next() == .poll)
        schedule.finishPoll(foundMessages: true)
        #expect(next() == .poll)
        schedule.finishPoll(foundMessages: false)
        #expect(next(gathered: nil) == nil)
    }

    @Test("a poll is not needed during a commit, and never follows the beginning of the end")
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
        #expect(next() == .commit(Self.group), "it fails")
    }
}
