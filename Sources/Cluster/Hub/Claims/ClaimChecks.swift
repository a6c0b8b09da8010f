import Transport

/// The claims for which this host finds out whether another host has taken the session, one of each session. Later
/// claims and questions for the session wait.
///
/// A value without I/O.
struct ClaimChecks {
    private var entries: [UInt64: (entry: ClaimQueue.Entry, id: SessionID)] = [:]
    /// The sessions.
    private(set) var ids: Set<SessionID> = []

    /// The numbers of the claims, in order.
    var numbers: [UInt64] { entries.keys.sorted() }

    mutating func begin(_ entry: ClaimQueue.Entry, of id: SessionID) {
        entries[entry.number] = (entry, id)
        ids.insert(id)
    }

    /// Removes and returns a claim.
    mutating func finish(_ number: UInt64) -> ClaimQueue.Entry? {
        guard let (entry, id) = entries.removeValue(forKey: number) else { return nil }
        ids.remove(id)
        return entry
    }

    /// Forgets the claims of an incarnation that was detached.
    mutating func remove(of claimant: Incarnation) {
        for (number, check) in entries where check.entry.claimant == claimant { _ = finish(number) }
    }
}
