import Testing

@testable import Transport

@Suite("Linger: how long a connection that is being closed waits")
struct LingerTests {
    @Test(
        "after a term it closes when all is taken, goes on when 16 KiB were, and else resets",
        arguments: [
            (1000, 0, Linger.Verdict.close), (1000 + 16_384, 1, .wait), (1000 + 16_383, 1, .reset), (1000, 1, .reset),
        ])
    func verdicts(acknowledged: Int, waiting: Int, expected: Linger.Verdict) {
        var linger = Linger(acknowledged: 1000)
        #expect(linger.termEnded(acknowledged: acknowledged, waiting: waiting) == expected)
    }

    @Test("each term has to show something")
    func terms() {
        var linger = Linger(acknowledged: 0)
        #expect(linger.termEnded(acknowledged: 1 << 20, waiting: 100) == .wait)
        #expect(linger.termEnded(acknowledged: 1 << 20, waiting: 100) == .reset)
    }
}
