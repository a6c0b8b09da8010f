import Testing

@testable import chatd

@Suite("Log limit: repeated events do not flood the log")
struct LogLimitTests {
    let start = ContinuousClock.now
    var limit = LogLimit()

    @Test("after its burst, a kind of event logs one line per ten seconds, with the number of suppressed events")
    mutating func limits() {
        for _ in 0..<LogLimit.Rate.event.burst { #expect(limit.admit("a", at: start) == 0) }
        for second in 1..<10 { #expect(limit.admit("a", at: start + .seconds(second)) == nil) }
        #expect(limit.admit("b", at: start + .seconds(9)) == 0, "another kind")
        #expect(limit.admit("a", at: start + .seconds(10)) == 9)
        #expect(limit.admit("a", at: start + .seconds(11)) == nil)
        #expect(limit.suppressed == 10)
    }

    @Test("a kind of event with a burst of one logs one line per ten seconds")
    mutating func burstOfOne() {
        #expect(limit.admit("a", .repeated, at: start) == 0)
        #expect(limit.admit("a", .repeated, at: start + .milliseconds(9_999)) == nil)
        #expect(limit.admit("a", .repeated, at: start + .seconds(10)) == 1)
    }

    @Test("after a quiet hour a kind of event has its burst again, and no more")
    mutating func refill() {
        for _ in 0..<LogLimit.Rate.event.burst { #expect(limit.admit("a", at: start) == 0) }
        let later = start + .seconds(3600)
        for _ in 0..<LogLimit.Rate.event.burst { #expect(limit.admit("a", at: later) == 0) }
        #expect(limit.admit("a", at: later) == nil)
    }

    @Test("what an operator does is never suppressed, and needs no memory")
    mutating func acts() {
        for _ in 0..<100_000 { #expect(limit.admit("act", .act, at: start) == 0) }
        #expect(limit.suppressed == 0)
    }

    @Test("a line that is logged during an interval does not restart it")
    mutating func partsCount() {
        let two = LogLimit.Rate(burst: 2, interval: .seconds(10))
        #expect(limit.admit("a", two, at: start) == 0)
        #expect(limit.admit("a", two, at: start + .seconds(6)) == 0)
        #expect(limit.admit("a", two, at: start + .seconds(10)) == 0)
        #expect(limit.admit("a", two, at: start + .seconds(19)) == nil)
        #expect(limit.admit("a", two, at: start + .seconds(20)) == 1)
    }

    @Test("kinds of events above the maximum number share one allowance")
    mutating func maxKinds() {
        for kind in 0..<LogLimit.maxKinds { #expect(limit.admit("kind \(kind)", at: start) == 0) }
        let admitted = (0..<5000).count { limit.admit("further \($0)", at: start) != nil }
        #expect(admitted == LogLimit.Rate.event.burst && limit.suppressed == 5000 - LogLimit.Rate.event.burst)
        #expect(limit.admit("kind 7", at: start) == 0, "known kinds keep their allowance")
    }
}
