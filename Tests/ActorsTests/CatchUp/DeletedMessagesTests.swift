import Persistence
import Testing

@testable import Actors

@Suite("Message feed: deletions in the stream")
struct DeletedMessagesTests {
    private var feed = MessageFeed(ringCapacity: 10_000)

    init() {
        for id: Int64 in 1...5 { feed.gather(MessageRingTests.message(id), position: 0) }
        _ = feed.finish()
    }

    private func page(_ ids: ClosedRange<Int64>, reachesEnd: Bool) -> HistoryPage {
        HistoryPage(messages: ids.map(MessageRingTests.message), reachesEnd: reachesEnd)
    }

    @Test("a reader gets no deleted message from memory")
    mutating func memory() {
        feed.delete(.through(3))
        #expect(feed.recent(after: 0, through: 5, limit: 1000)?.messages.map(\.id) == [4, 5])
        feed.delete(.messages([5]))
        // The page ends before the interval, so the reader asks the history for the rest.
        let page = feed.recent(after: 0, through: 5, limit: 1000)
        #expect(page?.messages.map(\.id) == [4] && page?.reachesEnd == false)
        #expect(feed.recent(after: 4, through: 5, limit: 1000) == nil)
    }

    @Test("a page that was read before a deletion loses the deleted messages, or is read again")
    mutating func pages() {
        let before = feed.deletionCount
        #expect(feed.withoutDeleted(page(1...3, reachesEnd: false), since: before) == page(1...3, reachesEnd: false))
        feed.delete(.through(2))
        #expect(feed.withoutDeleted(page(1...3, reachesEnd: false), since: before) == page(3...3, reachesEnd: false))
        #expect(feed.withoutDeleted(page(1...3, reachesEnd: false), since: before + 1)?.messages.count == 3)
        feed.delete(.messages([3]))
        #expect(feed.withoutDeleted(page(1...3, reachesEnd: false), since: before) == nil)
        #expect(feed.withoutDeleted(page(1...3, reachesEnd: true), since: before)?.messages.isEmpty == true)
        // A reader that goes backwards does not continue after the last message.
        #expect(feed.removingDeleted(from: page(2...4, reachesEnd: false), since: before)?.messages.map(\.id) == [4])
    }

    @Test("a page that was read before more deletions than are remembered is read again")
    mutating func many() {
        for id: Int64 in 1...100 { feed.delete(.through(-id)) }
        #expect(feed.withoutDeleted(page(1...3, reachesEnd: true), since: 0) == nil)
        #expect(feed.withoutDeleted(page(1...3, reachesEnd: true), since: 90)?.messages.count == 3)
    }
}
