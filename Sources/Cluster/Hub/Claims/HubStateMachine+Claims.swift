import Actors
import Transport

extension HubStateMachine {
    /// A client says that it had a session. In this one step the session changes hands: its old owner is told, its interest is
    /// registered for the new one, and the answer carries what was missed; whatever comes later follows in the same stream.
    ///
    /// The latest claim wins, unless it is one too many of a fight (``ContestedClaims``): then the owner keeps the session. One that
    /// cannot be recovered is deleted, and its old owner's connection closed. Either way the claimant gets a new one.
    mutating func answer(
        _ claim: Claim, by incarnation: Incarnation, at time: ContinuousClock.Instant, rowLimit: (String) -> Int64?,
        into output: inout Output
    ) {
        let offset = claim.offset.flatMap(Offset.init)
        let trust = RowTrust(offset, rowLimit: rowLimit)
        let refusal = HubEvent.claimed(claim.number, .refused(trust))
        guard let (id, session) = claimedSession(by: claim) else {
            return output.append(refusal, for: incarnation)
        }

        if session.isConnected {
            let verdict = contested.claim(id, at: time)
            if verdict == .damped { output.contestedSession = id }
            guard verdict == .carriedOut else {
                return output.append(refusal, for: incarnation)
            }
            let old = SessionKey(id: id, ownerEpoch: session.ownerEpoch)
            output.append(.ownershipLost(old), for: session.owner)
        }
        // A client keeps the offset of an older session until it gets something in its new one. So a foreign offset proves that it
        // got nothing in this one.
        let isOfSession = offset.map { $0.epoch == epoch && $0.position >= session.registeredAt } ?? false
        let position = isOfSession ? offset?.position ?? session.registeredAt : session.registeredAt
        guard position <= head, let missed = missed(by: session, id, after: position, limit: claim.maxMissedBytes)
        else {
            remove(id, session)
            return output.append(refusal, for: incarnation)
        }
        let startRow = isOfSession ? offset?.row ?? session.startRow : session.startRow
        let taken = take(id, session, by: incarnation)
        let recovered = RecoveredSession(
            key: SessionKey(id: id, ownerEpoch: taken.ownerEpoch), privateID: taken.privateID,
            rooms: taken.rooms.keys.sorted(), data: taken.data, missed: missed, startRow: startRow,
            rowLimit: trust.limit, position: head)
        output.append(.claimed(claim.number, .recovered(recovered)), for: incarnation)
    }

    /// The session that is claimed, if there is one.
    func claimedSession(by claim: Claim) -> (id: SessionID, session: HubSession)? {
        guard let id = claim.privateID.flatMap({ sessionIDs[$0] }), let session = sessions[id],
            session.namespace == claim.namespace
        else { return nil }
        return (id, session)
    }

    /// The events addressed to a session behind `position`, by its membership at the position of each.
    /// - Returns: nil when one of them may have been given up, or they are over `limit` bytes.
    private func missed(
        by session: HubSession, _ id: SessionID, after position: UInt64, limit: Int
    ) -> [MissedEvent]? {
        guard let log, session.forgottenUpTo <= position, !hasTrimmed(session, id, after: position, in: log) else {
            return nil
        }
        var missed: [MissedEvent] = []
        var bytes = 0
        for entry in log.entries(after: position)
        where isAddressed(entry.broadcast, to: session, id, at: entry.position) {
            bytes += entry.byteCount
            guard bytes <= limit else { return nil }
            missed.append(MissedEvent(event: entry.broadcast.event, position: entry.position))
        }
        return missed
    }

    /// Whether an event that was given up may have been for the session.
    private func hasTrimmed(
        _ session: HubSession, _ id: SessionID, after position: UInt64, in log: EventLog
    ) -> Bool {
        guard log.lastTrimmed > position else { return false }
        let namespace = session.namespace
        if log.trimmedPosition(of: .everyone(namespace: namespace)) > position { return true }
        if log.trimmedPosition(of: .room(id.description, namespace: namespace)) > position { return true }
        for (room, joinedAt) in session.rooms
        where log.trimmedPosition(of: .room(room, namespace: namespace)) > max(position, joinedAt) {
            return true
        }
        return session.pastStays.contains { stay in
            stay.leftAt > position
                && log.trimmedPosition(of: .room(stay.room, namespace: namespace)) > max(position, stay.joinedAt)
        }
    }

    private func isAddressed(
        _ broadcast: Broadcast, to session: HubSession, _ id: SessionID, at position: UInt64
    ) -> Bool {
        guard broadcast.namespace == session.namespace, position > session.registeredAt else { return false }
        let isIn = { (room: String) in session.wasIn(room, at: position) || room == id.description }
        guard broadcast.rooms.isEmpty || broadcast.rooms.contains(where: isIn) else { return false }
        return !broadcast.exceptions.contains(where: isIn)
    }
}
