import Actors
import Persistence
import TestSupport
import Testing

@testable import Cluster

@Suite("Hub: agrees with a model on random requests of several workers")
struct HubModelTests {
    /// A hub with its workers, and the events that each received over all its incarnations.
    struct Run {
        var hub = HubTranscript()
        private var workers: [Incarnation] = []
        private(set) var streams = [[String]](repeating: [], count: HubStep.workers)
        private var groupCount = 0

        init() {
            for _ in 0..<HubStep.workers { workers.append(hub.attach()) }
        }

        mutating func perform(_ step: HubStep) {
            switch step {
            case .receive(let requests, let worker): hub.receive(requests, from: workers[worker])
            case .nextGroup: groupCount = hub.nextGroup()?.count ?? groupCount
            case .commit(let pattern): commit(pattern)
            case .fail:
                hub.fail()
                groupCount = 0
            case .publish(let gaps):
                for gap in gaps { hub.publish((hub.machine.lastPublished + gap, "foreign")) }
            case .restart(let worker):
                hub.detach(workers[worker])
                workers[worker] = hub.attach()
            }
            for (index, worker) in workers.enumerated() { streams[index] += hub.newEvents(for: worker) }
        }

        private mutating func commit(_ pattern: [Int64]) {
            var last = hub.machine.lastPublished
            let outcomes = (0..<groupCount).map { index -> DraftOutcome in
                let gap = pattern[index % pattern.count]
                last += gap
                return gap == 0 ? .repeated(id: last) : .stored(id: last)
            }
            groupCount = 0
            hub.commit(outcomes)
        }
    }

    @Test("each worker gets exactly the events that its sockets need, in the hub's order", arguments: 0..<60)
    func agrees(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        var run = Run()
        var model = HubModel()
        for number in 0..<300 {
            let step = try HubStep.random(using: &random)
            run.perform(step)
            model.perform(step)
            try #require(run.streams == model.streams, "step \(number): \(step)")
        }
        #expect(run.streams.allSatisfy { !$0.isEmpty })
    }

    @Test(
        "events that two workers both receive have the same order on both, and so have the rows", arguments: 0..<10)
    func consistent(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        var run = Run()
        for _ in 0..<1000 { run.perform(try HubStep.random(using: &random)) }
        for kind in ["event", "message"] {
            let seen = run.streams.map { stream in stream.filter { $0.hasPrefix(kind) } }
            var common = 0
            for (one, other) in [(0, 1), (1, 2), (0, 2)] {
                let shared = Set(seen[one]).intersection(seen[other])
                common += shared.count
                #expect(seen[one].filter(shared.contains) == seen[other].filter(shared.contains))
            }
            #expect(common > 0)
        }
    }

    /// Dictionaries at different addresses order equal keys differently, so hubs that exist at the same time reveal
    /// code that depends on that order.
    @Test(
        "the same requests give the same output, including the order of events for different workers", arguments: 0..<5)
    func deterministic(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let steps = try (0..<300).map { _ in try HubStep.random(using: &random) }
        let runs = (0..<6).map { _ in
            var run = Run()
            for step in steps { run.perform(step) }
            return run
        }
        for run in runs { #expect(run.hub.allEvents == runs[0].hub.allEvents) }
    }
}
