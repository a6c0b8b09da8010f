import Dispatch
import Simulation
import Synchronization

/// Many seeds, each in one thread, several at a time.
final class Campaign: Sendable {
    private struct State {
        var next: UInt64
        var coverage = Coverage()
        var steps = 0
        var failures: [Outcome] = []
    }

    private let options: Options
    private let state: Mutex<State>

    init(_ options: Options) {
        self.options = options
        state = Mutex(State(next: options.first))
    }

    /// - Returns: whether every rule held.
    func run() -> Bool {
        let clock = ContinuousClock()
        let time = clock.measure {
            DispatchQueue.concurrentPerform(iterations: options.threads) { _ in work() }
        }
        return state.withLock { state in
            print("\(state.next - options.first) clusters, \(state.steps) steps, \(time)")
            for step in Step.allCases { print("  \(step.words): \(state.coverage[step])") }
            for outcome in state.failures.sorted(by: { $0.seed < $1.seed }) {
                print(
                    "seed \(outcome.seed) after \(outcome.violation?.step ?? 0) steps: \(outcome.violation.map { "\($0)" } ?? "")"
                )
                print("  again: simulate --replay \(outcome.seed)")
            }
            return state.failures.isEmpty
        }
    }

    private func work() {
        while let seed = nextSeed() {
            let outcome = SimulatedCluster.run(seed: seed, faults: options.faults)
            state.withLock { state in
                state.coverage.add(outcome.coverage)
                state.steps += outcome.steps
                if outcome.violation != nil { state.failures.append(outcome) }
            }
        }
    }

    private func nextSeed() -> UInt64? {
        state.withLock { state in
            guard state.next < options.first + UInt64(options.seeds), state.failures.count < options.failures else {
                return nil
            }
            defer { state.next += 1 }
            return state.next
        }
    }
}
