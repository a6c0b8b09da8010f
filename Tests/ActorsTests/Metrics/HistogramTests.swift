import Testing

@testable import Actors

@Suite("Histograms")
struct HistogramTests {
    @Test("a duration is counted in the first bucket whose bound is not below it, and added to the sum")
    func observe() {
        var histogram = Histogram()
        for duration in [Duration.zero, .microseconds(100), .milliseconds(1), .seconds(11)] {
            histogram.observe(duration)
        }
        histogram.observe(.nanoseconds(1_000_001), count: 3)
        let filled = histogram.buckets.indices.filter { histogram.buckets[$0] > 0 }
        #expect(filled == [0, 3, 4, Histogram.bounds.count])
        #expect(filled.map { histogram.buckets[$0] } == [2, 1, 3, 1])
        #expect(histogram.count == 7)
        #expect(histogram.sum == .microseconds(100) + .milliseconds(1) + .seconds(11) + .nanoseconds(3_000_003))
    }

    @Test("a duration below zero, from a clock that was set back, counts as zero")
    func negative() {
        var histogram = Histogram()
        histogram.observe(.seconds(-5))
        #expect(histogram.buckets[0] == 1 && histogram.sum == .zero)
    }

    @Test("histograms of two processes are added bucket by bucket")
    func merge() {
        var (one, two, all) = (Histogram(), Histogram(), Histogram())
        for (index, bound) in Histogram.bounds.enumerated() {
            if index.isMultiple(of: 2) { one.observe(bound) } else { two.observe(bound) }
            all.observe(bound)
        }
        one.merge(two)
        #expect(one == all)
    }

    @Test("a histogram needs a number for each bucket", arguments: [0, 1, 16, 18])
    func buckets(count: Int) {
        #expect(Histogram(buckets: Array(repeating: 1, count: count), sum: .zero) == nil)
    }

    @Test("the bounds increase")
    func bounds() {
        #expect(Histogram.bounds == Histogram.bounds.sorted() && Set(Histogram.bounds).count == Histogram.bounds.count)
    }
}
