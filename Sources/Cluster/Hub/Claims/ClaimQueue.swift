import Actors

/// The unanswered claims in order of arrival.
struct ClaimQueue {
    /// A claim, the incarnation that sent it, and the time of its arrival.
    typealias Entry = (claim: Claim, claimant: Incarnation, time: ContinuousClock.Instant)

    private var entries: [Entry] = []

    var isEmpty: Bool { entries.isEmpty }

    var first: Entry? { entries.first }

    mutating func append(_ claim: Claim, by claimant: Incarnation, at now: ContinuousClock.Instant) {
        entries.append((claim, claimant, now))
    }

    /// Linear in the number of claims, which is small: each worker limits how many it has in flight.
    mutating func removeFirst() -> Entry? {
        entries.isEmpty ? nil : entries.removeFirst()
    }

    /// Drops the claims of an incarnation that was detached.
    mutating func remove(of claimant: Incarnation) {
        entries.removeAll { $0.claimant == claimant }
    }
}
