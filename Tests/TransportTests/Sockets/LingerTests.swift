import Testing

@testable import Transport

@Suite("Linger: the wait of a closing connection for its peer")
struct LingerTests {
    @Test(
        "a period ends with a close if all bytes arrived, a further wait after another 16 KiB, and otherwise a reset",
        arguments: [
            (1000, 0, Linger.Decision.close), (1000 + 16_384, 1, .wait), (1000 + 16_383, 1, .reset), (1000, 1, .reset),
        ])
    func decisions(acknowledged: Int, waiting: Int, expected: Linger.Decision) {
        var linger = Linger(acknowledged: 1000)
        #expect(linger.periodEnded(acknowledged: acknowledged, waiting: waiting) == expected)
    }

    @Test("every period needs progress of its own")
    func periods() {
        var linger = Linger(acknowledged: 0)
        #expect(linger.periodEnded(acknowledged: 1 << 20, waiting: 100) == .wait)
        #expect(linger.periodEnded(acknowledged: 1 << 20, waiting: 100) == .reset)
    }
}
