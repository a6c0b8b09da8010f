import Actors
import Transport

/// The unanswered claims in order of arrival.
struct ClaimQueue {
    /// A claim, or a question of another host for a session.
    struct Entry {
        let claim: Claim
        /// The incarnation that sent the claim; ``Incarnation/others`` for a question of another host.
        let claimant: Incarnation
        /// The time of its arrival.
        let time: ContinuousClock.Instant
        /// The number in the order of arrival.
        fileprivate(set) var number: UInt64
        /// The number of the latest read of the store that had begun at its arrival.
        let looks: UInt64
        /// The name of a question of another host; nil for a claim.
        var question: QuestionName?
        /// True if the worker knows that the claim waits for other hosts.
        var isDelayed = false
        /// True if other hosts were asked for the session.
        var wasAsked = false
        /// True if the broker was asked whether another host has taken the session.
        var wasChecked = false
    }

    private(set) var entries: [Entry] = []
    /// The number of the latest claim.
    private(set) var lastNumber: UInt64 = 0
    /// The number of questions of other hosts.
    private(set) var questionCount = 0

    mutating func append(
        _ claim: Claim, by claimant: Incarnation, at now: ContinuousClock.Instant, looks: UInt64,
        question: QuestionName? = nil
    ) {
        lastNumber += 1
        if question != nil { questionCount += 1 }
        entries.append(
            Entry(claim: claim, claimant: claimant, time: now, number: lastNumber, looks: looks, question: question))
    }

    /// Adds a claim again that was removed.
    mutating func append(again entry: Entry) { insert(entry, at: entries.count) }

    /// Adds a claim again that was removed, before those that have waited for it.
    mutating func prepend(again entry: Entry) { insert(entry, at: 0) }

    private mutating func insert(_ entry: Entry, at index: Int) {
        lastNumber += 1
        var entry = entry
        entry.number = lastNumber
        entries.insert(entry, at: index)
    }

    /// Linear in the number of claims, which is small: each worker limits how many it has in flight.
    mutating func remove(_ number: UInt64) -> Entry? {
        guard let index = entries.firstIndex(where: { $0.number == number }) else { return nil }
        let entry = entries.remove(at: index)
        if entry.question != nil { questionCount -= 1 }
        return entry
    }

    /// Drops the claims of an incarnation that was detached.
    mutating func remove(of claimant: Incarnation) {
        entries.removeAll { $0.claimant == claimant }
    }
}
