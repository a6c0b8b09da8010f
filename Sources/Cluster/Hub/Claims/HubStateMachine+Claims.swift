import Actors
import Transport

extension HubStateMachine {
    /// The incarnation whose link must be drained before the claim is answered: the owner of the session, if the
    /// session is connected and its owner is not the claimant. Without draining, requests whose effects the client has
    /// seen would become stale.
    func ownerToDrain(before claim: ClaimQueue.Entry, of session: HubSession) -> Incarnation? {
        session.isConnected && session.owner != claim.claimant ? session.owner : nil
    }

    /// Answers the claim with this number in the queue. Claims of one session must be answered in their order.
    /// - Parameter rowLimit: returns the highest trusted row id of an epoch; nil if the store has not recorded the
    ///   epoch.
    mutating func answerClaim(_ number: UInt64, rowLimit: (String) -> Int64?, into output: inout Output) {
        guard let (claim, claimant, time, _, _) = claims.remove(number) else { return }
        answer(claim, by: claimant, at: time, rowLimit: rowLimit, into: &output)
    }

    /// Answers a client's claim of its earlier session. In this one step the old owner is notified, the new owner's
    /// interest is registered, and the answer carries the missed events. Later events follow in the same stream.
    ///
    /// The latest claim wins, unless ``ContestedClaims`` refuses it: then the owner keeps the session. A session that
    /// cannot be recovered is deleted, and its old owner closes the connection. In both cases the claimant gets a new
    /// session.
    private mutating func answer(
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
            if verdict == .refused { output.contestedSession = id }
            guard verdict == .carriedOut else {
                return output.append(refusal, for: incarnation)
            }
            let old = SessionKey(id: id, ownerEpoch: session.ownerEpoch)
            output.append(.ownershipLost(old), for: session.owner)
        }
        // A client keeps the offset of an older session until it receives an event in its new session. So an offset
        // from before this session proves that the client has received nothing in this session.
        let isOfSession = offset.map { $0.epoch == epoch && $0.position >= session.registeredAt } ?? false
        let position = isOfSession ? offset?.position ?? session.registeredAt : session.registeredAt
        guard position <= head, let missed = missed(by: session, id, after: position, limit: claim.maxMissedBytes)
        else {
            remove(id, session)
            return output.append(refusal, for: incarnation)
        }
        let startRow = isOfSession ? offset?.row ?? session.startRow : session.startRow
        let transferred = transfer(id, session, to: incarnation)
        let recovered = RecoveredSession(
            key: SessionKey(id: id, ownerEpoch: transferred.ownerEpoch), privateID: transferred.privateID,
            rooms: transferred.rooms.keys.sorted(), data: transferred.data, missed: missed, startRow: startRow,
            rowLimit: trust.limit, position: head)
        output.append(.claimed(claim.number, .recovered(recovered)), for: incarnation)
    }

    /// The session whose secret the claim presents, if it exists in the claim's namespace.
    func claimedSession(by claim: Claim) -> (id: SessionID, session: HubSession)? {
        guard let id = claim.privateID.flatMap({ sessionIDs[$0] }), let session = sessions[id],
            session.namespace == claim.namespace
        else { return nil }
        return (id, session)
    }

    /// The events after `position` that are addressed to a session, judged by its membership at the position of each.
    /// - Returns: nil if one of the events may have been trimmed, if a membership that ended after `position` may have
    ///   been forgotten, or if the events have more than `limit` bytes.
    private func missed(
        by session: HubSession, _ id: SessionID, after position: UInt64, limit: Int
    ) -> [PositionedEvent]? {
        guard let log, session.forgottenUpTo <= position, !hasTrimmed(session, id, after: position, in: log) else {
            return nil
        }
        var missed: [PositionedEvent] = []
        var bytes = 0
        for entry in log.entries(after: position)
        where isAddressed(entry.broadcast, to: session, id, at: entry.position) {
            bytes += entry.byteCount
            guard bytes <= limit else { return nil }
            missed.append(PositionedEvent(event: entry.broadcast.event, position: entry.position))
        }
        return missed
    }

    /// True if an event after `position` that was addressed to the session may have been trimmed.
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
