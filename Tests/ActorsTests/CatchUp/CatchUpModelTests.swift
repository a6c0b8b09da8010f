import TestSupport
import Testing

@testable import Actors

@Suite("Catch-up with random interleavings of a stream that has gaps")
struct CatchUpModelTests {
    @Test("the reader receives every message above its start once, in order", arguments: 0..<200)
    func exact(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let start = Int64.random(in: 0...30, using: &random)
        var simulation = CatchUpSimulation(start: start, hasOtherReader: Bool.random(using: &random))
        var highestAtSubscription: Int64?
        var id: Int64 = 0

        for _ in 0..<150 {
            switch Int.random(in: 0..<13, using: &random) {
            case 0..<4:
                var ids: [Int64] = []
                for _ in 0..<Int.random(in: 1...3, using: &random) {
                    id += Int64.random(in: 1...3, using: &random)
                    ids.append(id)
                }
                simulation.publish(ids, leavesReaderSlow: Int.random(in: 0..<4, using: &random) == 0)
            case 4:
                highestAtSubscription = highestAtSubscription ?? id
                simulation.subscribe()
            case 5..<7: simulation.drain()
            case 7..<9: simulation.finishRead(Int.random(in: 1...4, using: &random))
            case 9: simulation.finishRead(nil)
            case 10: simulation.exceedRate(givesUpRead: Bool.random(using: &random))
            default: simulation.allowRate()
            }
        }
        simulation.subscribe()
        simulation.allowRate()
        for _ in 0..<500 where !simulation.isLive {
            simulation.drain()
            simulation.finishRead(4)
        }

        #expect(simulation.isLive)
        let isForeign = start > highestAtSubscription ?? id
        #expect(simulation.delivered == simulation.stored.filter { isForeign || $0 > start })
    }
}
