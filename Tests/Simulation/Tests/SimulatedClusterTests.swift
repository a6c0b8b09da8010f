import Simulation
import Testing

@Suite("Simulated clusters")
struct SimulatedClusterTests {
    @Test("200 of them keep every rule, and everything that can happen happens")
    func rules() {
        var coverage = Coverage()
        for seed in UInt64(1)...200 {
            let outcome = SimulatedCluster.run(seed: seed)
            #expect(outcome.violation == nil, "seed \(seed); see it with: simulate --replay \(seed)")
            coverage.add(outcome.coverage)
        }
        #expect(coverage.missing.map(\.words).isEmpty)
    }

    @Test("a seed is the same run again")
    func replay() {
        for seed in UInt64(1)...5 {
            let first = SimulatedCluster.run(seed: seed, isTracing: true)
            let second = SimulatedCluster.run(seed: seed, isTracing: true)
            #expect(first.trace == second.trace)
            #expect(first.coverage == second.coverage)
            #expect(first.trace.count > 100)
        }
    }

    /// The others take more seeds; `scripts/plant-bugs` looks for all of them.
    @Test(
        "a mistake that is planted breaks a rule",
        arguments: [Fault.acknowledgesBeforeCommit, .readsBeyondTheStream, .doesNotReadBack, .sharesOffsets])
    func faults(fault: Fault) {
        let broken = (UInt64(1)...200).first { SimulatedCluster.run(seed: $0, faults: [fault]).violation != nil }
        #expect(broken != nil)
    }
}
