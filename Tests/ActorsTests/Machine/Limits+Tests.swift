@testable import Transport

extension Limits {
    /// The default limits, with acknowledgement ids that do not start at random.
    static var ofTests: Limits {
        var limits = Limits()
        limits.numberingStart = 0
        return limits
    }
}
