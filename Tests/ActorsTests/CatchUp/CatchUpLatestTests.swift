import Testing

@testable import Actors

@Suite("Catch-up of clients that want only the latest messages")
struct CatchUpLatestTests {
    @Test("a client that wants no history is live immediately, after the last published message")
    func none() {
        var catchUp = CatchUp(latest: 0)
        _ = catchUp.subscribed(highest: 20)
        #expect(catchUp.next(applied: 20, hasRoom: false) == .join)
        #expect(catchUp.last == 20)
    }

    @Test("the search for the start covers the ids applied so far, and the first read begins at the start it finds")
    func some() {
        var catchUp = CatchUp(latest: 5)
        _ = catchUp.subscribed(highest: 20)
        #expect(catchUp.next(applied: 20, hasRoom: true) == .locate(latest: 5, through: 20))
        #expect(catchUp.next(applied: 21, hasRoom: true) == .wait)
        catchUp.located(after: 12)
        #expect(catchUp.next(applied: 21, hasRoom: true) == .read(after: 12, through: 21))
    }

    @Test("nothing happens before the hub answers the subscription")
    func subscribing() {
        for count in [0, 5] {
            var catchUp = CatchUp(latest: count)
            catchUp.located(after: 7)
            #expect(!catchUp.isSubscribed && catchUp.last == 0)
            #expect(catchUp.next(applied: 20, hasRoom: true) == .wait)
        }
    }

    @Test("a failed search for the start is repeated")
    func failure() {
        var catchUp = CatchUp(latest: 5)
        _ = catchUp.subscribed(highest: 20)
        _ = catchUp.next(applied: 20, hasRoom: true)
        catchUp.readFailed()
        #expect(catchUp.next(applied: 22, hasRoom: true) == .locate(latest: 5, through: 22))
    }

    @Test("a slow reader continues after its last message, and a late search result has no effect")
    func slow() {
        var catchUp = CatchUp(latest: 0)
        _ = catchUp.subscribed(highest: 20)
        _ = catchUp.next(applied: 20, hasRoom: true)
        catchUp.leaveLive(last: 25)
        catchUp.located(after: 3)
        #expect(catchUp.next(applied: 30, hasRoom: true) == .read(after: 25, through: 30))
    }
}
