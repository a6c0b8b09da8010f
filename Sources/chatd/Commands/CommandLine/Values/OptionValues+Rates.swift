import Transport

/// Options for limits.
extension OptionValues {
    /// The largest burst.
    private static let maxBurst = 1 << 40
    /// The burst of a rate that is given without one, as a multiple of the rate.
    private static let defaultBurst = 10

    /// A rate in the form `N/BURST` or `N`; nil for `none`.
    /// - Parameter automatic: the rate that `auto` means; nil if that word is not allowed.
    /// - Throws: ``UsageError`` for any other text, and for numbers out of range.
    func rate(_ name: String, auto automatic: RateLimit? = nil) throws(UsageError) -> RateLimit? {
        let text = text(name)
        guard text != "none" else { return nil }
        if text == "auto", let automatic { return automatic }
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let perSecond = Int(parts[0]), Self.rates.contains(perSecond) else {
            throw error(
                name, value: text,
                "is not \(automatic == nil ? "" : "auto, ")none, N or N/BURST with N from \(Self.rates.lowerBound) to "
                    + "\(Self.rates.upperBound)")
        }
        guard parts.count > 1 else { return RateLimit(perSecond: perSecond, burst: perSecond * Self.defaultBurst) }
        guard let burst = Int(parts[1]), (1...Self.maxBurst).contains(burst) else {
            throw error(name, value: text, "has a burst that is not a whole number from 1 to \(Self.maxBurst)")
        }
        return RateLimit(perSecond: perSecond, burst: burst)
    }

    /// A number of at least 1; nil for `none`.
    /// - Throws: ``UsageError`` for any other text.
    func count(_ name: String) throws(UsageError) -> Int? {
        text(name) == "none" ? nil : try integer(name, in: 1...(1 << 30), or: "none")
    }

    private static let rates = 1...1_000_000_000
}
