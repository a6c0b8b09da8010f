import Actors
import Transport

/// The metrics of all workers.
extension Supervisor {
    /// How long the workers may take to send their metrics.
    static let measuringPatience = Duration.seconds(1)

    /// Asks every worker for its metrics, and adds them up with those of the supervisor. A worker that does not answer
    /// in time counts with its last known counters.
    func measure() async -> MetricSamples {
        if measuring == nil {
            measuring = loop.startTask { await self.askForSamples() }
        }
        await measuring?.value
        var sum = samples.sum
        let counters = counters
        sum.add(.workers, number: counters.count)
        sum.add(.workersUp, number: counters.up)
        sum.add(.silentWorkers, number: samples.silentCount)
        sum.add(.workerStarts, number: counters.starts)
        sum.add(.workerRestarts, number: counters.restarts)
        if let passed = counters.passed { sum.add(.passedConnections, "passed", number: passed) }
        if let refused = counters.refused { sum.add(.passedConnections, "refused", number: refused) }
        return sum
    }

    private func askForSamples() async {
        let numbers = running.keys.sorted().filter { number in
            running[number]?.link.assumeIsolated { $0.measure() } ?? false
        }
        await samples.ask(numbers).waitUntilEmpty(on: loop, timeout: Self.measuringPatience)
        measuring = nil
    }
}
