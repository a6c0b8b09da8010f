import Actors

/// The claims that wait for their answers, in the order of their arrival.
struct ClaimQueue {
    /// A claim, the incarnation that it came from, and when it came.
    typealias Entry = (claim: Claim, claimant: Incarnation, time: ContinuousClock.Instant)

    private var entries: [Entry] = []

    var isEmpty: Bool { entries.isEmpty }

    var first: Entry? { entries.first }

    mutating func append(_ claim: Claim, by claimant: Incarnation, at now: ContinuousClock.Instant) {
        entries.append((claim, claimant, now))
    }

    /// They are answered as soon as they are there, so there are few: as many as the workers may have open.
    mutating func removeFirst() -> Entry? {
        entries.isEmpty ? nil : entries.removeFirst()
    }

    /// Nobody is left to hear the answers.
    mutating func remove(of claimant: Incarnation) {
        entries.removeAll { $0.claimant == claimant }
    }
}
