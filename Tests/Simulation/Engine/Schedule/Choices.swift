import Cluster

/// Every decision of a run, from its seed.
struct Choices {
    private var generator: SplitMix64

    init(seed: UInt64) {
        generator = SplitMix64(seed: seed)
    }

    mutating func below(_ bound: Int) -> Int {
        Int(truncatingIfNeeded: generator.next() % UInt64(bound))
    }

    mutating func within(_ range: ClosedRange<Int>) -> Int {
        range.lowerBound + below(range.count)
    }

    /// Whether something that happens in so many of a thousand cases happens.
    mutating func chance(_ perMille: Int) -> Bool {
        below(1000) < perMille
    }

    mutating func element<Element>(of elements: [Element]) -> Element? {
        elements.isEmpty ? nil : elements[below(elements.count)]
    }

    /// Random words for session ids.
    mutating func withGenerator<Result>(_ body: (inout SplitMix64) -> Result) -> Result {
        body(&generator)
    }
}
