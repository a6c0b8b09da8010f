import TestSupport

/// The random choices of a run, generated from its seed with SplitMix64.
package struct SeededChoices: RandomNumberGenerator {
    private var numbers: SplitMix64

    package init(seed: UInt64) {
        numbers = SplitMix64(seed: seed)
    }

    package mutating func next() -> UInt64 { numbers.next() }

    /// A number from 0 to `bound - 1`.
    package mutating func below(_ bound: Int) -> Int {
        Int(truncatingIfNeeded: next() % UInt64(bound))
    }

    package mutating func within(_ range: ClosedRange<Int>) -> Int {
        range.lowerBound + below(range.count)
    }

    /// Returns true with a probability of `perMille` in 1000.
    package mutating func chance(perMille: Int) -> Bool {
        below(1000) < perMille
    }

    package mutating func element<Element>(of elements: [Element]) -> Element? {
        elements.isEmpty ? nil : elements[below(elements.count)]
    }
}
