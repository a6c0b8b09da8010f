/// The values of metrics at one moment. Those of several processes can be added.
package struct MetricSamples: Sendable, Equatable {
    /// What a value belongs to: a metric, and the values of its labels in the order of ``Metric/labels``.
    package struct Key: Sendable, Hashable, Comparable {
        package let metric: Metric
        package let labels: [String]

        package init(metric: Metric, labels: [String]) {
            self.metric = metric
            self.labels = labels
        }

        package static func < (left: Key, right: Key) -> Bool {
            guard left.metric == right.metric else { return left.metric < right.metric }
            return left.labels.lexicographicallyPrecedes(right.labels)
        }
    }

    /// A value. It is exact, so that a sum does not depend on the order of its parts: a counter that became smaller by
    /// the rounding of a fraction would look like a restart.
    package enum Value: Sendable, Equatable {
        case number(Int)
        case duration(Duration)
        case histogram(Histogram)
    }

    private var values: [Key: Value] = [:]

    package init() {}

    /// Every value, in the order of the names and labels.
    package var sorted: [(key: Key, value: Value)] {
        values.sorted { $0.key < $1.key }
    }

    /// The number of a counter or gauge; nil without one.
    package func number(_ metric: Metric, _ labels: String...) -> Int? {
        guard case .number(let number) = values[Key(metric: metric, labels: labels)] else { return nil }
        return number
    }

    /// The counters and histograms, which never decrease.
    package var counters: MetricSamples {
        var counters = self
        counters.values = values.filter { $0.key.metric.kind != .gauge }
        return counters
    }

    /// Adds a number to a value.
    /// - Parameter labels: a value for each of the metric's labels.
    package mutating func add(_ metric: Metric, _ labels: String..., number: Int) {
        add(.number(number), to: Key(metric: metric, labels: labels))
    }

    /// Adds a truth to a value, as 1 or 0.
    package mutating func add(_ metric: Metric, isTrue: Bool) {
        add(metric, number: isTrue ? 1 : 0)
    }

    /// Adds a duration to a value.
    package mutating func add(_ metric: Metric, duration: Duration) {
        add(.duration(duration), to: Key(metric: metric, labels: []))
    }

    /// Adds durations to a value.
    package mutating func add(_ metric: Metric, _ histogram: Histogram) {
        add(.histogram(histogram), to: Key(metric: metric, labels: []))
    }

    /// Adds the values of another process.
    package mutating func merge(_ other: MetricSamples) {
        for (key, value) in other.values { add(value, to: key) }
    }

    /// Adds a value. Values of different kinds cannot be added: the first one stays.
    package mutating func add(_ value: Value, to key: Key) {
        switch (values[key], value) {
        case (nil, _): values[key] = value
        case (.number(let old), .number(let new)): values[key] = .number(old &+ new)
        case (.duration(let old), .duration(let new)): values[key] = .duration(old + new)
        case (.histogram(var sum), .histogram(let new)):
            sum.merge(new)
            values[key] = .histogram(sum)
        default: break
        }
    }
}
