@_spi(Collections) import Actors
import Transport

/// Keys that are removed, because their sessions have ended or are at other hosts.
extension KeptSessions {
    /// A key to remove.
    struct Removal {
        let privateID: SessionID
        var expected: ExpectedValue
        /// True if the session has ended, so that nobody may write it again.
        let hasEnded: Bool
        /// When the value expires that the broker has confirmed last.
        var expiry: ContinuousClock.Instant?
        /// The writes that were on their way when the session went. The broker may have confirmed them since.
        var writes: [UInt64] = []
        /// When a removal that the broker refuses is not repeated any more; nil before it has refused it.
        var deadline: ContinuousClock.Instant?

        /// The command that removes the key.
        var command: SessionCommand {
            SessionCommand(
                hasEnded ? .end(privateID, expected, for: KeptSessions.endTime) : .remove(privateID, expected))
        }
    }

    /// How long nobody can write a session that has ended. A write may come that late, because the network repeats what
    /// was sent on a connection for minutes after the host has given it up.
    static let endTime = Duration.seconds(120)

    /// The largest number of refused removals that are repeated. Beyond it, the oldest value expires by itself.
    private static let maxRefused = 10_000

    /// The session has ended, so nobody may resume it.
    mutating func forget(_ id: SessionID) { remove(id, hasEnded: true) }

    mutating func remove(_ id: SessionID, hasEnded: Bool) {
        guard let record = records.removeValue(forKey: id), record.isCopy || !record.expected.digests.isEmpty
        else { return }
        let writes = [record.writing, record.releasing].compactMap { $0 }
        for write in writes { lateWrites[write] = false }
        removals.append(
            Removal(
                privateID: record.privateID, expected: record.expected, hasEnded: hasEnded, expiry: record.expiry,
                writes: writes))
    }

    /// Forgets a session that another host has. Its key stays.
    mutating func drop(_ id: SessionID) {
        records[id] = nil
    }

    /// This host has taken a session from the broker, and cannot restore it.
    mutating func dropCopy(of privateID: SessionID) {
        removals.append(Removal(privateID: privateID, expected: ExpectedValue(of: host), hasEnded: false))
    }

    /// Handles the answer to a removal. One that the broker has refused is repeated until the value has expired.
    mutating func removed(_ removal: Removal, _ answer: SessionAnswer, at now: ContinuousClock.Instant) {
        var removal = removal
        switch answer.content {
        case .failed:
            let deadline = removal.deadline ?? now + interval * 4
            removal.deadline = deadline
            if now < deadline { append(refused: removal) } else { forgetWrites(of: removal) }
        case .other(let value) where removal.hasEnded && isOwn(value):
            // The broker has an older value again.
            removal.expected.digests = [SessionDigest(of: value)]
            removals.append(removal)
        case .absent where !removal.writes.isEmpty && removal.expected.mayBeAbsent && !isConfirmed(removal):
            // The broker has refused the write that was on its way. A write of an earlier connection may come late.
            repeatRemoval(removal)
        default: forgetWrites(of: removal)
        }
    }

    /// True if the broker has confirmed a write that was on its way when the session went.
    private func isConfirmed(_ removal: Removal) -> Bool { removal.writes.contains { lateWrites[$0] == true } }

    /// Removes a key without knowledge of the writes that were on their way. They may be lost, or come late.
    mutating func repeatRemoval(_ removal: Removal) {
        forgetWrites(of: removal)
        var removal = removal
        removal.writes = []
        removals.append(removal)
    }

    private mutating func forgetWrites(of removal: Removal) {
        for write in removal.writes { lateWrites[write] = nil }
    }

    private mutating func append(refused removal: Removal) {
        if refusedRemovals.count >= Self.maxRefused, let oldest = takeRefused() { forgetWrites(of: oldest) }
        refusedRemovals.append(removal)
        if removal.hasEnded { endingSecrets.insert(removal.privateID) }
    }

    private mutating func takeRefused() -> Removal? {
        guard let removal = refusedRemovals.removeFirst() else { return nil }
        endingSecrets.remove(removal.privateID)
        return removal
    }

    /// The next command that repeats a removal which the broker has refused.
    mutating func nextRefusedRemoval(as number: UInt64, at now: ContinuousClock.Instant) -> SessionCommand? {
        takeRefused().map { send($0, as: number, at: now) }
    }

    /// The next command that removes the key of a session that has ended.
    mutating func nextRemoval(as number: UInt64, at now: ContinuousClock.Instant) -> SessionCommand? {
        removals.removeFirst().map { send($0, as: number, at: now) }
    }

    private mutating func send(
        _ removal: Removal, as number: UInt64, at now: ContinuousClock.Instant
    ) -> SessionCommand {
        var removal = removal
        if removal.expected.digests.count > 1 {
            // The value may have expired, and a later one be on its way.
            removal.expected = expected(removal.expected, expiringAt: removal.expiry, at: now)
        }
        if isConfirmed(removal) { removal.expected.mayBeAbsent = false }
        // A value that is on its way is there when the removal arrives, unless the broker refuses it.
        var command = removal
        if removal.writes.contains(where: { open[$0] != nil }) { command.expected.mayBeAbsent = false }
        return add(.remove(removal), command.command, as: number)
    }
}
