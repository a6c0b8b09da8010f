/// Counts durations by size, in fixed buckets. Histograms of several processes can be added.
package struct Histogram: Sendable, Equatable {
    /// The upper bounds of the buckets. A last bucket has everything above them.
    package static let bounds: [Duration] = [
        .microseconds(100), .microseconds(250), .microseconds(500), .milliseconds(1), .microseconds(2500),
        .milliseconds(5), .milliseconds(10), .milliseconds(25), .milliseconds(50), .milliseconds(100),
        .milliseconds(250), .milliseconds(500), .seconds(1), .milliseconds(2500), .seconds(5), .seconds(10),
    ]

    /// The number of durations in each bucket, not counting those in smaller ones.
    package private(set) var buckets: [UInt64]
    /// The sum of all durations.
    package private(set) var sum = Duration.zero

    /// Creates an empty histogram.
    package init() {
        buckets = Array(repeating: 0, count: Self.bounds.count + 1)
    }

    /// - Returns: nil unless there is a number for each bucket.
    package init?(buckets: [UInt64], sum: Duration) {
        guard buckets.count == Self.bounds.count + 1 else { return nil }
        self.buckets = buckets
        self.sum = sum
    }

    /// The number of durations.
    package var count: UInt64 { buckets.reduce(0, &+) }

    /// Adds a duration. One below zero, from a clock that was set back, counts as zero.
    /// - Parameter count: how many times to add it.
    package mutating func observe(_ duration: Duration, count: Int = 1) {
        let duration = max(.zero, duration)
        buckets[Self.bounds.firstIndex { duration <= $0 } ?? Self.bounds.count] &+= UInt64(count)
        // The product is slow: it converts the count to 128 bits without knowing its type.
        sum += count == 1 ? duration : duration * count
    }

    /// Adds the durations of another histogram.
    package mutating func merge(_ other: Histogram) {
        for index in buckets.indices { buckets[index] &+= other.buckets[index] }
        sum += other.sum
    }
}
