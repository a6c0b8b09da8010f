import Actors
import Transport

/// Keys that are removed, because their sessions have ended or are at other hosts.
extension KeptSessions {
    /// A key to remove.
    struct Removal {
        let privateID: SessionID
        let expected: ExpectedValue
        /// True if the session has ended, so that nobody may write it again.
        let hasEnded: Bool

        /// The command that removes the key.
        var command: SessionCommand {
            SessionCommand(
                hasEnded ? .end(privateID, expected, for: KeptSessions.endTime) : .remove(privateID, expected))
        }
    }

    /// How long nobody can write a session that has ended. A write may come that late, because the network repeats what
    /// was sent on a connection for minutes after the host has given it up.
    static let endTime = Duration.seconds(120)

    /// The session has ended, so nobody may resume it.
    mutating func forget(_ id: SessionID) { remove(id, hasEnded: true) }

    mutating func remove(_ id: SessionID, hasEnded: Bool) {
        guard let record = records.removeValue(forKey: id), record.isCopy || !record.expected.digests.isEmpty
        else { return }
        removals.append(Removal(privateID: record.privateID, expected: record.expected, hasEnded: hasEnded))
    }

    /// This host has taken a session from the broker, and cannot restore it.
    mutating func dropCopy(of privateID: SessionID) {
        removals.append(Removal(privateID: privateID, expected: ExpectedValue(of: host), hasEnded: false))
    }

    /// The next command that removes the key of a session that has ended.
    mutating func nextRemoval(as number: UInt64) -> SessionCommand? {
        guard let removal = removals.removeFirst() else { return nil }
        return add(.remove(removal), removal.command, as: number)
    }
}
