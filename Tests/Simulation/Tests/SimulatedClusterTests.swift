import Simulation
import Testing

/// Between two clusters other tests get on: they share few threads, and some of them must not stand still for seconds.
@Suite("Simulated clusters")
struct SimulatedClusterTests {
    @Test("200 of them keep every rule, and everything that can happen happens")
    func rules() async {
        var coverage = Coverage()
        for seed in UInt64(1)...200 {
            await Task.yield()
            let outcome = SimulatedCluster.run(seed: seed)
            #expect(outcome.violation == nil, "seed \(seed); see it with: simulate --replay \(seed)")
            coverage.add(outcome.coverage)
        }
        #expect(coverage.missing.map(\.words).isEmpty)
    }

    @Test("a seed is the same run again")
    func replay() async {
        for seed in UInt64(1)...5 {
            await Task.yield()
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
    func faults(fault: Fault) async {
        for seed in UInt64(1)...200 {
            await Task.yield()
            if SimulatedCluster.run(seed: seed, faults: [fault]).violation != nil { return }
        }
        Issue.record("every rule held")
    }
}
