import Actors

/// The positions of the order. They are counted, or, with a broker that keeps messages, they are those of its entries
/// and of the places between them (``SharedPosition``).
extension HubStateMachine {
    /// The random name of this start of the hub.
    var epoch: String { terms.epoch }

    /// Moves to the next position, for something that this hub orders by itself. Without a further place before the
    /// next entry, what happens there cannot be recovered.
    mutating func step() {
        guard terms.sharesPositions else {
            head += 1
            return
        }
        head = SharedPosition(head).next.value
        if SharedPosition(head).isLast { log?.forget(through: head) }
    }

    /// Moves to an entry of the stream. One whose id does not fit, or is not above the position, gets no position of
    /// its own: a session that is lost now cannot be recovered across it.
    /// - Parameter entry: the entry; nil for what comes from no entry.
    /// - Returns: true if the position is that of the entry.
    mutating func advance(to entry: EntryID?) -> Bool {
        guard terms.sharesPositions, let entry else { return false }
        guard let position = entry.position, position > head else {
            noteGap()
            return false
        }
        head = position
        return true
    }

    /// Moves to an entry, if it is above the position. Nothing at it is for this hub.
    mutating func reach(_ entry: EntryID) {
        guard terms.sharesPositions, let position = entry.position, position > head else { return }
        head = position
    }

    /// Makes sessions that are lost now unable to recover: events for them may be missing.
    mutating func noteGap() {
        step()
        log?.forget(through: head)
        lastGap = head
    }

    /// True if half of the places before the next entry are taken.
    var needsEntry: Bool { terms.sharesPositions && SharedPosition(head).number > SharedPosition.lastNumber / 2 }

    /// True if nothing can be said about what follows a position, because several things have it.
    func isAmbiguous(_ position: UInt64) -> Bool { terms.sharesPositions && SharedPosition(position).isLast }

    /// True if a client with this offset may have received events of a session from this hub.
    func belongs(_ offset: Offset, to session: HubSession) -> Bool {
        offset.position >= session.registeredAt && (terms.sharesPositions || offset.epoch == epoch)
    }

    /// True if a client has an offset that it cannot have received from this hub. An older session's is known
    /// (``HubSession/offsetBefore``), so another host has had this one since.
    func isBeyond(_ session: HubSession, _ offset: Offset) -> Bool {
        terms.sharesPositions && offset.position > session.lostAt ?? head
    }
}

extension EntryID {
    /// The position of the entry in the order of hubs; nil if the id does not fit.
    var position: UInt64? { SharedPosition(milliseconds: milliseconds, sequence: sequence)?.value }
}
