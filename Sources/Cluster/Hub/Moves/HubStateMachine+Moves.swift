import Actors
import Transport

/// Sessions that move between hosts.
extension HubStateMachine {
    /// Lets a session go that another host asks for, at the present position. Its old owner closes the connection. A
    /// session that cannot be recovered is deleted.
    /// - Parameters:
    ///   - keptAs: the value that a broker keeps of the session; nil for none.
    ///   - fits: returns false for a session that cannot be sent. This host keeps it.
    /// - Returns: nil if this host does not have the session, or keeps it.
    mutating func give(
        _ entry: ClaimQueue.Entry, keptAs: SessionDigest?, into output: inout Output, _ fits: (MovingSession) -> Bool
    ) -> MovingSession? {
        guard let (id, session) = claimedSession(by: entry.claim) else { return nil }
        var moving = moving(session, id, to: entry)
        moving?.keptAs = keptAs
        guard moving.map(fits) ?? true, takeFromOwner(id, session, at: entry.time, into: &output) else { return nil }
        remove(id, session)
        return moving
    }

    /// The session as it leaves; nil if it cannot be recovered.
    private func moving(_ session: HubSession, _ id: SessionID, to entry: ClaimQueue.Entry) -> MovingSession? {
        let offset = entry.claim.offset.flatMap(Offset.init)
        guard
            let resumption = resume(
                session, id, at: offset, limit: entry.claim.maxMissedBytes, now: entry.time)
        else { return nil }
        let own = resumption.own.map {
            PositionedEvent(event: $0.event, position: $0.position, epoch: terms.epoch(at: $0.position))
        }
        let stay = InheritedEvents.Stay(epoch: terms.epoch, position: resumption.position)
        let start =
            resumption.inherited.map { terms.sharesPositions ? $0 : $0.appending(stay) }
            ?? InheritedEvents(
                epoch: terms.epoch(at: stay.position), position: stay.position,
                beginsWithSession: !resumption.isOfThisHost, events: [])
        return MovingSession(
            id: id, privateID: session.privateID, ownerEpoch: session.ownerEpoch, group: session.group,
            rooms: session.rooms.keys.sorted(), data: session.data, startRow: session.startRow,
            inherited: start.appending(own))
    }

    /// Takes a session of another host. It waits for its client like a lost one.
    /// - Returns: false if it was disconnected on its way, or exists here already.
    mutating func take(
        _ moving: MovingSession, _ arrival: SessionQuestions.Arrival, at now: ContinuousClock.Instant
    ) -> Bool {
        guard arrival.isComplete, moving.privateID == arrival.privateID, sessions[moving.id] == nil,
            sessionIDs[moving.privateID] == nil, terms.sharesPositions || moving.inherited.hasEpochs
        else { return false }
        var session = HubSession(moving, in: arrival.namespace, cutAt: arrival.position, at: now)
        for entry in arrival.changes where session.isSelected(by: entry.selection, as: moving.id) {
            switch entry.change {
            case .join(let rooms): for room in rooms { session.join(room, at: entry.position) }
            case .leave(let rooms):
                for room in rooms {
                    session.leave(room, at: entry.position, isRecoverable: true, remembering: maxPastStays)
                }
            case .disconnect: return false
            }
        }
        addLost(moving.id, session, at: now)
        return true
    }
}

extension HubSession {
    /// True if the selection concerns the session.
    func isSelected(by selection: SocketSelection, as id: SessionID) -> Bool {
        let isIn = { (room: String) in rooms[room] != nil || room == id.description }
        guard selection.namespace == namespace, !selection.exceptions.contains(where: isIn) else { return false }
        return selection.rooms.isEmpty || selection.rooms.contains(where: isIn)
    }
}
