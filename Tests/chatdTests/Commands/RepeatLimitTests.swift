import Testing

@testable import chatd

@Suite("Repeat limit: what fails again and again does not flood the log")
struct RepeatLimitTests {
    @Test("a line of each kind is let through, then one in ten seconds, with how many were kept back")
    func limits() {
        var limit = RepeatLimit()
        let start = ContinuousClock.now
        #expect(limit.admit("a", at: start) == 0)
        for second in 1..<10 { #expect(limit.admit("a", at: start + .seconds(second)) == nil) }
        #expect(limit.admit("b", at: start + .seconds(9)) == 0, "another kind")
        #expect(limit.admit("a", at: start + .seconds(10)) == 9)
        #expect(limit.admit("a", at: start + .seconds(30)) == 0)
    }
}
