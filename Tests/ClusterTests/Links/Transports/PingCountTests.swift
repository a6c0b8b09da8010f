import Actors
import Testing

@testable import Cluster

@Suite("Drains of links that cannot be read within a call")
struct PingCountTests {
    @Test("only the answer to the marked ping is reported, once")
    func marked() {
        var pings = PingCount()
        pings.send()
        pings.send(isMarked: true)
        pings.send()
        let wasMarked = pings.isMarked
        let answers = (0..<4).map { _ in pings.answer() }
        #expect(answers == [false, true, false, false])
        #expect(wasMarked && !pings.isMarked)
    }

    @Test("answers that no ping asked for do not count")
    func unasked() {
        var pings = PingCount()
        let early = pings.answer()
        pings.send(isMarked: true)
        let late = pings.answer()
        #expect(!early && late)
    }

    @Test("a drain covers the claims that had arrived when it began")
    func covers() {
        let owner = Incarnation(number: 1)
        var drains = OwnerDrains()
        drains.begin(of: owner, lastClaim: 2)
        #expect(drains.isRunning(of: owner) && !drains.cover(1, of: owner))
        drains.finish(of: owner)
        #expect(!drains.isRunning(of: owner))
        #expect(drains.cover(1, of: owner) && drains.cover(2, of: owner) && !drains.cover(3, of: owner))
        #expect(!drains.cover(1, of: Incarnation(number: 2)))
        drains.remove(owner)
        #expect(!drains.cover(1, of: owner))
    }
}
