import Persistence
import Testing

@testable import Cluster

@Suite("Store health: judged without writing")
struct StoreHealthTests {
    private let start = ContinuousClock.now
    private var health = StoreHealth()

    private func isUp(after seconds: Double) -> Bool { health.isUp(at: start + .seconds(seconds)) }

    @Test("a store is up before the first call, and while calls end in time")
    mutating func calls() {
        #expect(isUp(after: 0))
        health.callBegan(at: start)
        #expect(isUp(after: 9.9))
        health.callEnded()
        #expect(isUp(after: 1000))
    }

    @Test("a store is down while a call takes more than 10 s")
    mutating func hangs() {
        health.callBegan(at: start)
        #expect(!isUp(after: 10))
        health.callEnded()
        #expect(isUp(after: 10))
    }

    @Test("a store is down after a failed commit, until one succeeds")
    mutating func fails() {
        health.commitFailed(at: start)
        #expect(!isUp(after: 0) && !isUp(after: 29.9))
        health.committed()
        #expect(isUp(after: 1))
    }

    @Test("without traffic, a failed commit counts for 30 s, because only traffic shows whether the store works again")
    mutating func failurePeriod() {
        health.commitFailed(at: start)
        #expect(isUp(after: 30))
        health.commitFailed(at: start + .seconds(31))
        #expect(!isUp(after: 60))
    }

    @Test("a store is down when its database cannot be reached for 10 s")
    mutating func disconnected() {
        health.noticed(.disconnected(database: "d", reason: "r"), at: start)
        health.noticed(.disconnected(database: "d", reason: "r"), at: start + .seconds(5))
        #expect(isUp(after: 9.9) && !isUp(after: 10))
        health.noticed(.changed, at: start + .seconds(11))
        #expect(!isUp(after: 11))
        health.noticed(.reconnected(database: "d"), at: start + .seconds(12))
        #expect(isUp(after: 12))
    }

    @Test("a store that must not be written any more stays down")
    mutating func lost() {
        health.wasLost()
        health.committed()
        #expect(!isUp(after: 1000))
    }
}
