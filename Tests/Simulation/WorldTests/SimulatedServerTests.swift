import SimulatedWorld
import Testing

@Suite("The real server on a simulated machine")
struct SimulatedServerTests {
    @Test("every rule holds in the runs of 200 seeds")
    func rules() async {
        var coverage = Coverage()
        for seed in UInt64(1)...200 {
            await Task.yield()
            let outcome = SimulatedServers.run(seed: seed, isSmall: true)
            #expect(outcome.violation == nil, "seed \(seed); to reproduce: simulate \(seed) 1 --small --trace")
            coverage.add(outcome.coverage)
        }
        for step in [
            Step.primaryKilled, .serverStopped, .recovered, .refusedWithRow, .acknowledgedLive, .unknownCommitStored,
            .fileOpened, .memoryOpened, .binaryReceived, .namespaceJoined, .questionAnswered, .questionTimedOut,
            .pingTimedOut, .becameSlow, .historyRead, .historyPaused,
        ] {
            #expect(coverage[step] > 0, "\(step.words)")
        }
    }

    @Test("a seed replays the same run")
    func replay() async {
        for seed in UInt64(1)...5 {
            await Task.yield()
            let first = SimulatedServers.run(seed: seed, isSmall: true, isTracing: true)
            let second = SimulatedServers.run(seed: seed, isSmall: true, isTracing: true)
            #expect(first.trace == second.trace)
            #expect(first.coverage == second.coverage)
            #expect(first.trace.count > 50)
        }
    }
}
