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
        guard let entry = claims.remove(number), attached.contains(entry.claimant) else { return }
        answer(entry.claim, by: entry.claimant, at: entry.time, rowLimit: rowLimit, into: &output)
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
        guard takeFromOwner(id, session, at: time, into: &output) else {
            return output.append(refusal, for: incarnation)
        }
        guard let resumption = resume(session, id, at: offset, limit: claim.maxMissedBytes, now: time) else {
            remove(id, session)
            return output.append(refusal, for: incarnation)
        }
        let trusted = resumption.isOfThisHost ? .max : trust.limit
        let startRow = resumption.row.map { min($0, trusted) } ?? session.startRow
        let transferred = transfer(
            id, session, to: incarnation, from: startRow, endsAt: claim.lifetime.map { time + $0 })
        if resumption.isOfThisHost { forgetInherited(of: id) }
        let recovered = RecoveredSession(
            key: SessionKey(id: id, ownerEpoch: transferred.ownerEpoch), privateID: transferred.privateID,
            rooms: transferred.rooms.keys.sorted(), data: transferred.data, missed: resumption.missed,
            startRow: startRow, rowLimit: trust.limit, position: head)
        output.append(.claimed(claim.number, .recovered(recovered)), for: incarnation)
    }

    /// Tells the owner of a claimed session that it loses the session, if it is connected.
    /// - Returns: false if ``ContestedClaims`` refuses the claim.
    mutating func takeFromOwner(
        _ id: SessionID, _ session: HubSession, at time: ContinuousClock.Instant, into output: inout Output
    ) -> Bool {
        guard session.isConnected else { return true }
        let verdict = contested.claim(id, at: time)
        if verdict == .refused { output.contestedSession = id }
        guard verdict == .carriedOut else { return false }
        output.append(.ownershipLost(SessionKey(id: id, ownerEpoch: session.ownerEpoch)), for: session.owner)
        return true
    }

    /// Where a client continues.
    struct Resumption {
        /// The events of earlier hosts that the client lacks; nil if its offset is of this host.
        let inherited: InheritedEvents?
        /// The position of this hub after which its log continues.
        let position: UInt64
        /// The events of this hub that the client lacks.
        let own: [PositionedEvent]
        /// The stored message that the client's offset names; nil if the offset says nothing about this session.
        let row: Int64?
        /// True if the client has received events of this session from this hub.
        let isOfThisHost: Bool

        /// All events that the client lacks.
        var missed: [PositionedEvent] { (inherited?.events ?? []) + own }
    }

    /// Finds what a client lacks.
    /// - Returns: nil if an event may have been trimmed or forgotten, if the events have more than `limit` bytes, if
    ///   the offset may be that of an earlier session, or if the session has ended with the client's identity.
    func resume(
        _ session: HubSession, _ id: SessionID, at offset: Offset?, limit: Int, now: ContinuousClock.Instant
    ) -> Resumption? {
        if let end = session.endsAt, end <= now { return nil }
        if let offset {
            guard offset != session.offsetBefore, !isBeyond(session, offset) else { return nil }
        }
        // A client keeps the offset of an older session until it receives an event in its new session. So an offset
        // from before this session proves that the client has received nothing in this session.
        let isOfThisHost = offset.map { belongs($0, to: session) } ?? false
        var position = session.registeredAt
        var inherited: InheritedEvents?
        if isOfThisHost, let offset {
            position = offset.position
        } else if let earlier = session.inherited {
            guard let suffix = earlier.suffix(after: offset, shared: terms.sharesPositions) else { return nil }
            inherited = suffix
        }
        let inheritedBytes = inherited?.byteCount ?? 0
        guard position <= head, !isAmbiguous(position), inheritedBytes <= limit,
            let own = missed(by: session, id, after: position, limit: limit - inheritedBytes)
        else { return nil }
        let isOfSession = isOfThisHost || inherited?.beginsWithSession == false
        return Resumption(
            inherited: inherited, position: position, own: own, row: isOfSession ? offset?.row : nil,
            isOfThisHost: isOfThisHost)
    }

    /// Forgets the events of earlier hosts, because the client has received all of them.
    private mutating func forgetInherited(of id: SessionID) {
        guard sessions[id]?.inherited != nil else { return }
        let position = sessions[id]?.registeredAt ?? head
        sessions[id]?.inherited = InheritedEvents(
            epoch: terms.epoch(at: position), position: position, beginsWithSession: false, events: [])
        inheritances.remove(id)
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
        where session.isAddressed(by: entry.broadcast, as: id, at: entry.position) {
            bytes += entry.byteCount
            guard bytes <= limit else { return nil }
            missed.append(PositionedEvent(event: entry.broadcast.event, position: entry.position))
        }
        return missed
    }

    /// True if an event after `position` that was addressed to the session may have been trimmed.
    func hasTrimmed(
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
}

extension HubSession {
    /// True if an event at a position is for the socket with this id.
    func isAddressed(by broadcast: Broadcast, as id: SessionID, at position: UInt64) -> Bool {
        guard broadcast.namespace == namespace, position > registeredAt else { return false }
        let isIn = { (room: String) in wasIn(room, at: position) || room == id.description }
        guard broadcast.rooms.isEmpty || broadcast.rooms.contains(where: isIn) else { return false }
        return !broadcast.exceptions.contains(where: isIn)
    }
}
