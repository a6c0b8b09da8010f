import Testing

@testable import Actors

@Suite("Catch-up from missed messages to the live stream")
struct CatchUpTests {
    /// The phases of a catch-up that starts at message 10.
    enum Phase: CaseIterable {
        case subscribing, behind, reading, live

        func catchUp() -> CatchUp {
            var catchUp = CatchUp(start: 10)
            if self == .subscribing { return catchUp }
            _ = catchUp.subscribed(highest: 20)
            if self == .reading { _ = catchUp.next(applied: 20, hasRoom: true) }
            if self == .live { _ = catchUp.next(applied: 10, hasRoom: true) }
            return catchUp
        }
    }

    @Test(
        "the next step depends on the phase, the applied id and the room for output",
        arguments: [
            (Phase.subscribing, 10, true, CatchUp.Step.wait),
            (.subscribing, 20, true, .wait),
            (.behind, 20, true, .read(after: 10, through: 20)),
            (.behind, 20, false, .wait),
            (.behind, 10, true, .join),
            (.behind, 10, false, .join),
            (.behind, 9, true, .join),
            (.reading, 20, true, .wait),
            (.reading, 10, true, .wait),
            (.live, 20, true, .wait),
        ])
    func next(phase: Phase, applied: Int64, hasRoom: Bool, step: CatchUp.Step) {
        var catchUp = phase.catchUp()
        #expect(catchUp.next(applied: applied, hasRoom: hasRoom) == step)
        #expect(catchUp.isLive == (step == .join || phase == .live))
    }

    @Test("a client over its rate reads no more of what was published before its subscription, until it resumes")
    func rate() {
        var catchUp = Phase.behind.catchUp()
        #expect(catchUp.next(applied: 25, hasRoom: true, isWithinRate: false) == .pause)
        #expect(catchUp.next(applied: 25, hasRoom: true) == .wait)
        catchUp.readFailed()
        #expect(catchUp.next(applied: 25, hasRoom: true) == .wait)
        catchUp.resume()
        #expect(catchUp.next(applied: 25, hasRoom: true) == .read(after: 10, through: 25))
        catchUp.pause()
        #expect(catchUp.openRead == nil)
        #expect(catchUp.next(applied: 25, hasRoom: true) == .wait)
        catchUp.resume()
        #expect(catchUp.next(applied: 25, hasRoom: true) == .read(after: 10, through: 25))
        catchUp.delivered(through: 20, reachesEnd: false)
        #expect(!catchUp.readsHistory)
        #expect(catchUp.next(applied: 25, hasRoom: true, isWithinRate: false) == .read(after: 20, through: 25))
    }

    @Test(
        "a page that reaches the end of its interval completes the interval, whatever its last id",
        arguments: [10, 15, 20])
    func shortPage(id: Int64) {
        var catchUp = Phase.reading.catchUp()
        catchUp.delivered(through: id, reachesEnd: true)
        #expect(catchUp.last == 20)
        #expect(catchUp.next(applied: 20, hasRoom: true) == .join)
    }

    @Test("after a page that its limit cut short, the next read starts after the page's last message")
    func fullPage() {
        var catchUp = Phase.reading.catchUp()
        catchUp.delivered(through: 15, reachesEnd: false)
        #expect(catchUp.next(applied: 22, hasRoom: true) == .read(after: 15, through: 22))
    }

    @Test("messages published during a read are read before the socket joins the live set")
    func movingTarget() {
        var catchUp = Phase.reading.catchUp()
        catchUp.delivered(through: 20, reachesEnd: true)
        #expect(catchUp.next(applied: 21, hasRoom: true) == .read(after: 20, through: 21))
    }

    @Test("a failed read is repeated")
    func failure() {
        var catchUp = Phase.reading.catchUp()
        catchUp.readFailed()
        #expect(catchUp.openRead == nil)
        #expect(catchUp.next(applied: 21, hasRoom: true) == .read(after: 10, through: 21))
    }

    @Test("a slow reader resumes after its last message once its output has room")
    func slow() {
        var catchUp = Phase.live.catchUp()
        catchUp.leaveLive(last: 30)
        #expect(!catchUp.isLive)
        #expect(catchUp.next(applied: 40, hasRoom: false) == .wait)
        #expect(catchUp.next(applied: 40, hasRoom: true) == .read(after: 30, through: 40))
    }

    @Test("only a catch-up that is reading has an open read", arguments: Phase.allCases)
    func openRead(phase: Phase) {
        let read = phase.catchUp().openRead
        #expect(read?.after == (phase == .reading ? 10 : nil))
        #expect(read?.through == (phase == .reading ? 20 : nil))
    }

    @Test("a read result without an open read changes nothing", arguments: [Phase.subscribing, .behind, .live])
    func strayResults(phase: Phase) {
        var catchUp = phase.catchUp()
        catchUp.delivered(through: 99, reachesEnd: true)
        catchUp.readFailed()
        #expect(catchUp.last == 10 && catchUp.isLive == (phase == .live))
    }

    @Test(
        "leaving the live set has no effect on a reader that is not live",
        arguments: [Phase.subscribing, .behind, .reading])
    func notLive(phase: Phase) {
        var catchUp = phase.catchUp()
        catchUp.leaveLive(last: 99)
        #expect(catchUp.last == 10)
    }

    @Test(
        "a start above the highest id belongs to another database, so the reader starts at 0",
        arguments: [(20, false), (21, true)])
    func foreignStart(start: Int64, isForeign: Bool) {
        var catchUp = CatchUp(start: start)
        #expect(catchUp.subscribed(highest: 20) == isForeign)
        #expect(catchUp.last == (isForeign ? 0 : start))
    }
}
