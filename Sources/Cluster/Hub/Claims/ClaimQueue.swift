import Actors

/// The unanswered claims in order of arrival.
struct ClaimQueue {
    /// A claim, the incarnation that sent it, the time of its arrival, its number in the order of arrival, and the
    /// number of the latest read of the store that had begun then.
    typealias Entry = (
        claim: Claim, claimant: Incarnation, time: ContinuousClock.Instant, number: UInt64, looks: UInt64
    )

    private(set) var entries: [Entry] = []
    /// The number of the latest claim.
    private(set) var lastNumber: UInt64 = 0

    mutating func append(
        _ claim: Claim, by claimant: Incarnation, at now: ContinuousClock.Instant, looks: UInt64
    ) {
        lastNumber += 1
        entries.append((claim, claimant, now, lastNumber, looks))
    }

    /// Linear in the number of claims, which is small: each worker limits how many it has in flight.
    mutating func remove(_ number: UInt64) -> Entry? {
        entries.firstIndex { $0.number == number }.map { entries.remove(at: $0) }
    }

    /// Drops the claims of an incarnation that was detached.
    mutating func remove(of claimant: Incarnation) {
        entries.removeAll { $0.claimant == claimant }
    }
}
