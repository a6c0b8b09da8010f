import Actors
import Cluster
import Transport

/// The checks of claims.
extension HubOracle {
    /// A claim that the hub has not answered.
    struct OpenClaim {
        let claim: Claim
        let claimant: Incarnation
        /// The time and the step of its arrival.
        let time: ContinuousClock.Instant
        let step: Int
    }

    /// Checks a refused claim: the hub may refuse only a session that it was allowed to drop.
    func check(refusalOf claim: Claim, _ session: Session, at now: ContinuousClock.Instant) {
        guard keepsEverything, !session.isDeleted, session.takenAt == nil, session.disconnectedEpoch == nil else {
            return
        }
        // The client may have the offset from the older session or from this one.
        guard claim.offset == nil || claim.offset != session.offsetBefore else { return }
        let place = session.place(of: claim.offset.flatMap { Offset($0) })
        guard !mayLackEarlierEvents(of: session, since: place, at: now) else { return }
        let position = max(place, session.start).position
        guard !positions.isAmbiguous(position), !mayHaveTrimmed(after: position, at: now) else { return }
        if let lostAt = session.lostAt, !session.isConnected {
            // The session may expire up to one timer tick early.
            guard now - lostAt < recovery.maxDisconnectionDuration - .milliseconds(10), !session.mayBeDropped else {
                return
            }
        }
        guard lastGap.map({ position >= $0 }) ?? true else { return }
        // The hub refuses when the missed events exceed the claim's limit; it counts 128 bytes of overhead for each
        // event.
        let missed = session.expected.reversed().prefix { $0.place > place }
        guard missed.reduce(0, { $0 + $1.byteCount + 128 }) <= claim.maxMissedBytes else { return }
        record.require(
            false, .noNeedlessRefusal,
            "claim \(claim.number) of \(session.id) at \(claim.offset ?? "no offset") is refused")
    }

    /// True if the hub may lack events of its predecessors after this place: it has got those that its client lacked
    /// when it asked, and keeps them for a time, or until the client has an event of this hub.
    private func mayLackEarlierEvents(
        of session: Session, since place: Place, at now: ContinuousClock.Instant
    ) -> Bool {
        guard let arrivedAt = session.arrivedAt, place < session.start else { return false }
        return place < session.keptFrom || now - arrivedAt >= recovery.retention - .milliseconds(10)
    }

    /// Checks that no message of another host is lost that the client lacks.
    func requireNothingLost(_ session: Session, since place: Place) {
        record.require(
            session.lostUpTo.map { place > $0 } ?? true, .recoveryMissesNothing,
            "\(session.id) is recovered at position \(place.position), but a message before "
                + "\(session.lostUpTo?.position ?? 0) is lost")
    }

    /// True if the hub may have trimmed events after this position because they are too old.
    func mayHaveTrimmed(after position: UInt64, at now: ContinuousClock.Instant) -> Bool {
        guard let time = positions.time(after: position) else { return false }
        return now - time >= recovery.maxDisconnectionDuration + recovery.detectionTime - .milliseconds(10)
    }

    /// Checks and records the hub's answer to a claim.
    ///
    /// The claim may have waited for long, so that the session expired meanwhile.
    func answered(
        _ answer: ClaimAnswer, to number: UInt64, of claimant: Incarnation, at now: ContinuousClock.Instant
    ) {
        guard let index = claims.firstIndex(where: { $0.claim.number == number && $0.claimant == claimant }) else {
            return record.require(false, .settles, "the hub answers a claim that it never received")
        }
        let open = claims.remove(at: index)
        let (claim, time) = (open.claim, open.time)
        silentHosts.answered(open, at: now)
        record.trace("the hub answers claim \(claim.number): \(answer.words)")
        let session = claim.privateID.flatMap { secrets[$0] }
        if let session, session.isConnected { inquiries.left(session.id) }
        let isForeign = exchange != nil && answer.distrustsRow(of: claim)
        if let id = claim.privateID { unreadEpochs.note(id, isForeign: isForeign) }
        switch answer {
        case .refused(let trust):
            if case .limited = trust { record.note(.refusedWithRow) } else { record.note(.refused) }
            // The owner keeps the session.
            guard session?.exceedsContestLimit(at: time) != true else { return record.note(.claimRateLimited) }
            if let session, let lostAt = session.lostAt, !session.isConnected, !session.isDeleted,
                now - lostAt > recovery.maxDisconnectionDuration
            {
                record.note(.sessionExpired)
            }
            if let session, !session.isDeleted {
                check(refusalOf: claim, session, at: now)
            } else {
                check(refusalOf: claim, ofOtherHostSince: open.step, arrivedAt: time, at: now)
                check(refusalOf: open, at: now)
            }
            session?.isDeleted = true
            session?.isConnected = false
        case .recovered(let recovered):
            record.note(.recovered)
            record.note(.eventReplayed, recovered.missed.count)
            guard let session, !session.isDeleted, session.disconnectedEpoch != session.ownerEpoch else {
                return record.require(
                    false, .confirmedStateIsKept, "the deleted session \(recovered.key.id) is recovered")
            }
            record.require(
                recovered.rooms == session.rooms.sorted(), .recoveryIsComplete,
                "\(session.id) was in \(session.rooms.sorted()) and is recovered in \(recovered.rooms)")
            record.require(
                recovered.data == session.data, .recoveryIsComplete,
                "\(session.id) is recovered with the data \(recovered.data?.description ?? "nil")")
            record.require(
                !session.exceedsContestLimit(at: time), .settles,
                "\(session.id) is taken from a connected owner for the ninth time in 30 s")
            requireOwn(session, for: open)
            let place = session.place(of: claim.offset.flatMap { Offset($0) })
            requireNothingLost(session, since: place)
            if session.arrivedAt != nil {
                if place < session.start {
                    record.note(.recoveredFromOtherHost)
                } else {
                    session.keptFrom = session.start
                }
            }
            if session.isConnected {
                record.note(.claimContested)
                session.contestedAt.append(time)
            }
            session.owner = claimant
            session.isLeaving = false
            session.ownerEpoch &+= 1
            session.isConnected = true
        }
    }
}

extension ClaimAnswer {
    /// True if the row in the claim's offset is not trusted.
    fileprivate func distrustsRow(of claim: Claim) -> Bool {
        switch self {
        case .refused(.foreign): true
        case .refused: false
        case .recovered(let session): session.rowLimit < claim.offset.flatMap { Offset($0) }?.row ?? 0
        }
    }
}
