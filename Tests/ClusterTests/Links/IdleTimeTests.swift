import Testing

@testable import Cluster

@Suite("Idle time: counts ticks without activity")
struct IdleTimeTests {
    private var idle = IdleTime(limit: .seconds(10))

    /// The results of `count` ticks.
    private mutating func ticks(_ count: Int) -> [Bool] {
        var results: [Bool] = []
        for _ in 0..<count { results.append(idle.tick()) }
        return results
    }

    @Test("the limit is exceeded at the first tick after it")
    mutating func over() {
        let results = ticks(11)
        #expect(idle.interval == .seconds(1))
        #expect(results == [Bool](repeating: false, count: 10) + [true])
    }

    @Test("activity restarts the count")
    mutating func restarts() {
        let before = ticks(10)
        idle.reset()
        let after = ticks(11)
        #expect(!before.contains(true) && after.firstIndex(of: true) == 10)
    }
}
