import Testing

@testable import Transport

@Suite("The deadline of an answer: 60 s for each 16 KiB")
struct HTTPAnswerDeadlineTests {
    let start = ContinuousClock.now

    private func after(_ seconds: Int) -> ContinuousClock.Instant { start + .seconds(seconds) }

    @Test("the deadline moves only when the client has received another 16 KiB")
    func progress() {
        var deadline = HTTPAnswerDeadline(timeout: .seconds(60), acknowledged: 1000, now: start)
        #expect(deadline.step == .seconds(15))
        #expect(deadline.check(acknowledged: 1000 + 16_383, at: after(15)) == .wait(until: after(30)))
        #expect(deadline.check(acknowledged: 1000 + 16_384, at: after(50)) == .wait(until: after(65)))
        #expect(deadline.check(acknowledged: 1000 + 32_767, at: after(100)) == .wait(until: after(110)))
        #expect(deadline.check(acknowledged: 1000 + 32_767, at: after(110)) == .giveUp)
    }

    @Test("bytes of an earlier answer that are still in flight do not shorten the deadline")
    func earlierAnswer() {
        var deadline = HTTPAnswerDeadline(timeout: .seconds(60), acknowledged: 100_000, now: start)
        #expect(deadline.check(acknowledged: 50_000, at: after(15)) == .wait(until: after(30)))
        #expect(deadline.check(acknowledged: 66_384, at: after(50)) == .wait(until: after(65)))
    }
}
