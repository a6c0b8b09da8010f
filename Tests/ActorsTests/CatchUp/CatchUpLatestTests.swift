import Testing

@testable import Actors

@Suite("Catch-up: clients that want the latest messages only")
struct CatchUpLatestTests {
    @Test("none of them: the client is live at once, from what was published last")
    func none() {
        var catchUp = CatchUp(latest: 0)
        _ = catchUp.subscribed(highest: 20)
        #expect(catchUp.next(applied: 20, hasRoom: false) == .join)
        #expect(catchUp.last == 20)
    }

    @Test("some of them: the history says where they begin, up to what was applied when it is asked")
    func some() {
        var catchUp = CatchUp(latest: 5)
        _ = catchUp.subscribed(highest: 20)
        #expect(catchUp.next(applied: 20, hasRoom: true) == .locate(latest: 5, through: 20))
        #expect(catchUp.next(applied: 21, hasRoom: true) == .wait)
        catchUp.located(after: 12)
        #expect(catchUp.next(applied: 21, hasRoom: true) == .read(after: 12, through: 21))
    }

    @Test("nothing happens before the hub has answered")
    func subscribing() {
        for count in [0, 5] {
            var catchUp = CatchUp(latest: count)
            catchUp.located(after: 7)
            #expect(!catchUp.isSubscribed && catchUp.last == 0)
            #expect(catchUp.next(applied: 20, hasRoom: true) == .wait)
        }
    }

    @Test("a history that gives no answer is asked again")
    func failure() {
        var catchUp = CatchUp(latest: 5)
        _ = catchUp.subscribed(highest: 20)
        _ = catchUp.next(applied: 20, hasRoom: true)
        catchUp.readFailed()
        #expect(catchUp.next(applied: 22, hasRoom: true) == .locate(latest: 5, through: 22))
    }

    @Test("once it is known, the start stays: a slow reader goes on from where it stopped")
    func slow() {
        var catchUp = CatchUp(latest: 0)
        _ = catchUp.subscribed(highest: 20)
        _ = catchUp.next(applied: 20, hasRoom: true)
        catchUp.leaveLive(last: 25)
        catchUp.located(after: 3)
        #expect(catchUp.next(applied: 30, hasRoom: true) == .read(after: 25, through: 30))
    }
}
