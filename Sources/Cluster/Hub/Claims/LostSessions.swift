import Transport

/// The sessions of lost clients, in the order of their loss.
struct LostSessions {
    private var entries: [(id: SessionID, since: ContinuousClock.Instant)] = []
    private var head = 0

    mutating func append(_ id: SessionID, at now: ContinuousClock.Instant) {
        entries.append((id, now))
    }

    var count: Int { entries.count - head }

    /// Removes and returns the session that was lost first.
    mutating func takeOldest() -> (id: SessionID, since: ContinuousClock.Instant)? {
        guard head < entries.count else { return nil }
        defer { head += 1 }
        return entries[head]
    }

    /// Removes and returns the sessions that were lost before `instant`.
    mutating func takeAll(before instant: ContinuousClock.Instant) -> ArraySlice<
        (id: SessionID, since: ContinuousClock.Instant)
    > {
        let start = head
        while head < entries.count, entries[head].since < instant { head += 1 }
        defer {
            if head > 64, head > entries.count / 2 {
                entries.removeFirst(head)
                head = 0
            }
        }
        return entries[start..<head]
    }
}
