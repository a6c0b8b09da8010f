import SimulatedWorld
import Testing

@Suite("Several real hosts on simulated machines")
struct SimulatedHostsTests {
    @Test("every rule holds in the runs of 60 seeds")
    func rules() async {
        var coverage = Coverage()
        for seed in UInt64(1)...60 {
            await Task.yield()
            let outcome = SimulatedServers.run(seed: seed, hosts: 2...3, isSmall: true)
            #expect(outcome.violation == nil, "seed \(seed); to reproduce: simulate \(seed) 1 --hosts --small --trace")
            coverage.add(outcome.coverage)
        }
        for step in [
            Step.clientMoved, .messageOfOtherHost, .gapDelivered, .hostsAnswered, .brokerConnectionLost,
            .brokerRestarted, .databaseRestarted, .hostKilled, .recovered, .repeatStored, .sessionGiven,
            .sessionArrived, .recoveredFromOtherHost, .entryAdded, .entryRepeated, .entryTrimmed,
        ] {
            #expect(coverage[step] > 0, "\(step.words)")
        }
    }

    @Test("a seed replays the same run")
    func replay() async {
        for seed in UInt64(1)...3 {
            await Task.yield()
            let first = SimulatedServers.run(seed: seed, hosts: 2...3, isSmall: true, isTracing: true)
            let second = SimulatedServers.run(seed: seed, hosts: 2...3, isSmall: true, isTracing: true)
            #expect(first.trace == second.trace)
            #expect(first.trace.count > 50)
        }
    }
}
