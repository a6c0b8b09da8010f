import Actors
import Transport

/// The order with a broker that keeps messages: the positions are ids of its entries.
extension Hub {
    /// True for an event that goes through the broker although it is for one socket of this host. Its offset is then
    /// the id of an entry, which every host knows.
    func isKept(_ request: HubRequest) -> Bool {
        guard terms.sharesPositions, terms.keepsSessions, case .emit(let broadcast, _) = request else { return false }
        return !broadcast.isVolatile
    }

    /// Publishes a marker when few places are left before the next entry, for what this hub orders by itself.
    func askForEntry() {
        guard machine.needsEntry, gate?.isConnected == true else { return }
        let entry = SharedPosition(machine.head).entry.value
        guard entry != markedEntry else { return }
        markedEntry = entry
        gate?.mark()
    }

    /// True if a client has an offset that this host has not reached. It was at another host, and would get the same
    /// events again in a session that begins here now.
    func mustRead(before claim: ClaimQueue.Entry) -> Bool {
        guard terms.sharesPositions, gate?.isConnected == true, claim.question == nil,
            loop.now - claim.time < Self.lookTimeout, let offset = claim.claim.offset.flatMap(Offset.init)
        else { return false }
        return offset.position > machine.head
    }
}
