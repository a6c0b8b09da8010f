import Actors

/// The claims that wait for their answers, in the order of their arrival.
struct ClaimQueue {
    private var entries: [(claim: Claim, claimant: Incarnation)] = []

    var isEmpty: Bool { entries.isEmpty }

    var first: (claim: Claim, claimant: Incarnation)? { entries.first }

    mutating func append(_ claim: Claim, by claimant: Incarnation) {
        entries.append((claim, claimant))
    }

    /// They are answered as soon as they are there, so there are few: as many as the workers may have open.
    mutating func removeFirst() -> (claim: Claim, claimant: Incarnation)? {
        entries.isEmpty ? nil : entries.removeFirst()
    }

    /// Nobody is left to hear the answers.
    mutating func remove(of claimant: Incarnation) {
        entries.removeAll { $0.claimant == claimant }
    }
}
