import Actors
import Transport

/// The last known metrics of a server's workers, by the numbers of their processes.
///
/// The sums of counters never decrease: those of a process that has ended are kept, and those of a process that does
/// not answer stay at their last known values.
struct WorkerSamples {
    private var last: [Int: MetricSamples] = [:]
    /// The counters of the processes that have ended.
    private var ended = MetricSamples()
    /// The processes that were asked and have not answered.
    private var asked: Set<Int> = []
    /// Counts ``asked`` for the task that waits for them.
    private var awaited = OpenCount()

    /// The number of processes that have not answered the last question.
    var silentCount: Int { asked.count }

    /// Begins a question to these processes.
    /// - Returns: the count of the answers that are missing.
    mutating func ask(_ numbers: [Int]) -> OpenCount {
        asked = Set(numbers)
        awaited = OpenCount()
        awaited.open = asked.count
        return awaited
    }

    /// A process has sent its metrics.
    mutating func received(_ samples: MetricSamples, from number: Int) {
        last[number] = samples
        answered(number)
    }

    /// A process has ended.
    mutating func end(_ number: Int) {
        if let samples = last.removeValue(forKey: number) { ended.merge(samples.counters) }
        answered(number)
    }

    private mutating func answered(_ number: Int) {
        if asked.remove(number) != nil { awaited.open -= 1 }
    }

    /// The sum of all processes. The gauges are those of the processes that have answered.
    var sum: MetricSamples {
        var sum = ended
        for (number, samples) in last { sum.merge(asked.contains(number) ? samples.counters : samples) }
        return sum
    }
}
