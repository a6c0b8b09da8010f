import Actors
import Transport

/// The clients whose offsets a server does not trust, because it has not read the epoch of another host's start.
///
/// A claim with such an offset waits for a read of the database, but for a second at most. If the database cannot be
/// read for longer, the client gets the messages from the start.
final class UnreadEpochs {
    /// The claimed sessions' secrets.
    private var secrets: Set<SessionID> = []

    /// Records the answer to a claim.
    func note(_ secret: SessionID, isForeign: Bool) {
        if isForeign { secrets.insert(secret) } else { secrets.remove(secret) }
    }

    func contains(_ secret: SessionID) -> Bool { secrets.contains(secret) }
}
