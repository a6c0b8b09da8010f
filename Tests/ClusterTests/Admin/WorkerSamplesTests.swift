import Actors
import Testing

@testable import Cluster

@Suite("Metrics of the workers: their sums")
struct WorkerSamplesTests {
    private static func samples(messages: Int, connections: Int) -> MetricSamples {
        var histogram = Histogram()
        histogram.observe(.milliseconds(1), count: messages)
        var samples = MetricSamples()
        samples.add(.receivedMessages, number: messages)
        samples.add(.connections, "polling", number: connections)
        samples.add(.deliveryTime, histogram)
        return samples
    }

    /// The counter, the gauge, and the size of the histogram in the sum.
    private static func sum(_ samples: WorkerSamples) -> [Int?] {
        let size = samples.sum.sorted.compactMap { sample -> Int? in
            if case .histogram(let histogram) = sample.value { Int(histogram.count) } else { nil }
        }
        return [samples.sum.number(.receivedMessages), samples.sum.number(.connections, "polling")] + size
    }

    @Test("the values of all workers are added")
    func adds() {
        var samples = WorkerSamples()
        _ = samples.ask([1, 2])
        #expect(samples.silentCount == 2)
        samples.received(Self.samples(messages: 5, connections: 2), from: 1)
        samples.received(Self.samples(messages: 7, connections: 3), from: 2)
        #expect(Self.sum(samples) == [12, 5, 12] && samples.silentCount == 0)
    }

    @Test("the counters of a worker that has ended stay, and its gauges vanish")
    func ended() {
        var samples = WorkerSamples()
        _ = samples.ask([1, 2])
        samples.received(Self.samples(messages: 5, connections: 2), from: 1)
        samples.received(Self.samples(messages: 7, connections: 3), from: 2)
        samples.end(1)
        #expect(Self.sum(samples) == [12, 3, 12])
        _ = samples.ask([2, 3])
        samples.received(Self.samples(messages: 8, connections: 3), from: 2)
        samples.received(Self.samples(messages: 1, connections: 1), from: 3)
        #expect(Self.sum(samples) == [14, 4, 14])
        for number in [2, 3] { samples.end(number) }
        #expect(Self.sum(samples) == [14, nil, 14])
    }

    @Test("a worker that does not answer counts with its last counters; its late answer counts too")
    func silent() {
        var samples = WorkerSamples()
        _ = samples.ask([1, 2])
        for number in [1, 2] { samples.received(Self.samples(messages: 5, connections: 2), from: number) }
        let missing = samples.ask([1, 2])
        samples.received(Self.samples(messages: 6, connections: 2), from: 1)
        #expect(missing.open == 1 && samples.silentCount == 1)
        #expect(Self.sum(samples) == [11, 2, 11])
        samples.received(Self.samples(messages: 9, connections: 2), from: 2)
        #expect(missing.open == 0 && Self.sum(samples) == [15, 4, 15])
    }

    @Test("nobody waits for a worker that ends instead of answering, and one without metrics adds nothing")
    func endsInstead() {
        var samples = WorkerSamples()
        let missing = samples.ask([1])
        samples.end(1)
        #expect(missing.open == 0 && Self.sum(samples) == [nil, nil])
    }

    @Test("the last metrics of a worker may come unasked")
    func unasked() {
        var samples = WorkerSamples()
        let missing = samples.ask([])
        samples.received(Self.samples(messages: 5, connections: 2), from: 1)
        samples.end(1)
        #expect(missing.open == 0 && Self.sum(samples) == [5, nil, 5])
    }

    @Test("no order of ends makes a sum of durations smaller")
    func exact() {
        var samples = WorkerSamples()
        for number in 1...9 {
            var own = MetricSamples()
            own.add(.cpuTime, duration: .nanoseconds(100_000_001 * number))
            samples.received(own, from: number)
        }
        let text = samples.sum.text
        for number in [5, 1, 9, 3] { samples.end(number) }
        #expect(samples.sum.text == text)
    }
}
