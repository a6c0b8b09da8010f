import Actors
import Cluster
import Transport

/// The sessions that a hub takes from a broker, and those that others take.
extension HubOracle {
    func restored(
        _ id: SessionID, of privateID: SessionID, from offset: Offset?, upTo position: UInt64, isTaken: Bool,
        at now: ContinuousClock.Instant
    ) {
        record.trace("session \(id) is restored at \(exchange?.node ?? ""), up to \(position): \(isTaken)")
        guard let take = kept.take(of: privateID, by: self), take.value.session.id == id else {
            return record.require(false, .sessionIsAtOneHost, "\(id) is restored, but not taken from the broker")
        }
        record.note(.sessionRestored)
        let session = kept.restore(take.value, from: offset, upTo: position)
        // The earlier host may have answered claims since it wrote the value.
        session.ownerEpoch &+= 1 << 16
        session.begin(at: epoch ?? "", from: position, at: now)
        for happening in happenings where happening.position > position { apply(happening, to: session) }
        session.takenAt = kept.laterTake(of: privateID, than: take)
        keep(session, isTaken: isTaken, at: now)
    }

    func forgot(_ id: SessionID, at now: ContinuousClock.Instant) {
        record.trace("\(exchange?.node ?? "") forgets session \(id), which another host has taken")
        record.note(.takenSessionForgotten)
        guard let session = session(id) else { return }
        record.require(
            session.takenAt != nil || kept.isUncertain(session.privateID), .noNeedlessRefusal,
            "\(id) is forgotten, but no host has taken it")
        session.isConnected = false
        inquiries.left(id)
        forget(session)
    }

    /// Checks that a session is not resumed after another host has taken it. A host without a connection cannot know,
    /// nor can one that has asked the broker just before.
    func requireOwn(_ session: Session, for claim: OpenClaim?) {
        guard let step = session.takenAt, !kept.isUncertain(session.privateID) else { return }
        guard let claim else {
            // The value is left to the host that gets the session, so a third one may take it. The former asks before
            // its client gets the session.
            return record.require(
                kept.hasWritten(session.privateID, by: self, before: step), .sessionIsAtOneHost,
                "\(session.id) is given, although another host has taken it")
        }
        guard exchange?.isConnected == true else { return record.note(.resumedWithoutBroker) }
        record.require(
            claim.step <= step && kept.wasChecked(session.privateID, by: self, in: claim.step...step),
            .sessionIsAtOneHost, "\(session.id) is resumed, although another host has taken it")
    }

    /// Checks a refused claim of a session that the broker keeps: the hub takes it, and finds what the client lacks.
    func check(refusalOf open: OpenClaim, at now: ContinuousClock.Instant) {
        let claim = open.claim
        guard backplane?.keepsSessions == true, let exchange, let secret = claim.privateID,
            exchange.lastDisturbance < open.step, !kept.isUncertain(secret)
        else { return }
        let isLate = isLateTake(of: secret, for: open, at: now)
        guard let take = kept.take(of: secret, by: self), take.step >= open.step else {
            return record.require(
                isLate || isPassedOn(secret, since: open.step, for: open)
                    || kept.hasArrived(secret, at: self, since: open.step)
                    || moves.owner(of: secret)?.1.refusedToOthersAt.map { $0 >= open.step } ?? false
                    || !kept.isKept(secret, since: open.step),
                .noNeedlessRefusal,
                "claim \(claim.number) is refused, and the session of \(secret) is not taken from the broker")
        }
        guard !isPassedOn(secret, since: take.step, for: open), kept.laterTake(of: secret, than: take) == nil else {
            return record.note(.sessionPassedOn)
        }
        let reason =
            !take.isHeard ? "the answer is lost" : isLate ? "it is late" : reasonToRefuse(claim, take, at: now)
        if let reason { record.trace("\(take.value.session.id) is not restored, because \(reason)") }
        record.note(reason == nil ? .sessionRestored : .sessionNotRestored)
        record.require(
            reason != nil, .noNeedlessRefusal,
            "claim \(claim.number) of \(take.value.session.id) at \(claim.offset ?? "no offset") is refused, "
                + "although its session was taken from the broker")
    }

    /// True if the hub has waited for the broker as long as it may, since it has asked the broker for the session of a
    /// claim. The claim may have come later, to wait with others. The hub has asked other hosts before, which may take
    /// as long, so the age of the claim says nothing.
    private func isLateTake(
        of secret: SessionID, for open: OpenClaim, at now: ContinuousClock.Instant
    ) -> Bool {
        guard let sent = kept.takeSent(for: secret, by: self) else { return false }
        return open.time < sent + sessionPatience && now - sent >= sessionPatience - .milliseconds(10)
    }

    /// True if the hub has got a session from the broker or another host, and has let it go for a question of a third
    /// one, which it has begun to answer after the claim arrived. The question may come before the answer to the claim:
    /// the last host to ask ends with the session.
    private func isPassedOn(_ secret: SessionID, since step: Int, for open: OpenClaim) -> Bool {
        kept.passing(of: secret, by: self).map { $0.step >= step && $0.askedAt >= open.time } ?? false
    }

    private func reasonToRefuse(_ claim: Claim, _ take: KeptSessions.Take, at now: ContinuousClock.Instant) -> String? {
        let (earlier, offset) = (take.value.session, claim.offset.flatMap { Offset($0) })
        let place = earlier.place(of: offset)
        let start = min(place.position, take.value.position)
        let end = SharedPosition(max(place.position, take.value.position)).entry.value
        if earlier.namespace != claim.namespace { return "it is of another namespace" }
        if claim.offset != nil, claim.offset == earlier.offsetBefore { return "the offset may be of an older session" }
        if offset.map({ SharedPosition($0.position).isLast }) ?? false { return "the offset is ambiguous" }
        if end > head { return "this host has not read what the earlier one had read" }
        if place < earlier.keptFrom { return "the earlier host lacked events" }
        if max(place.position, earlier.start.position) < take.value.lastGap { return "messages passed by its host" }
        if earlier.expected.contains(where: {
            $0.place > place && $0.place < earlier.start && !SharedPosition($0.place.position).isEntry
        }) {
            return "an event of a host before the earlier one is gone"
        }
        let session = kept.restore(take.value, from: offset, upTo: head)
        if session.isDeleted { return "it was disconnected" }
        // The memberships that its earlier host has ended, and those that the stream ended afterwards.
        if session.leaves > pastStays { return "one of the hosts has forgotten memberships" }
        if session.expected.reduce(0, { $0 + $1.byteCount + 128 }) > claim.maxMissedBytes { return "it lacks too much" }
        // It would be added behind what this host has read for it.
        if lastGapStep >= take.step { return "a message of another host is lost behind what it has missed" }
        return mayRemember(start, in: claim.namespace, at: now) ? nil : "entries are gone"
    }

    /// True if everything after a position is in the stream, or the hub has it.
    private func mayRemember(_ position: UInt64, in namespace: String, at now: ContinuousClock.Instant) -> Bool {
        let place = SharedPosition(position).entry
        let entry = EntryID(milliseconds: place.milliseconds, sequence: place.sequence)
        if backplane?.world.broker.stream?.hasEverything(after: entry) == true { return true }
        return keepsEverything && backplane?.delivers(namespace, since: entry) == true
            && lastGap.map { position >= $0 } ?? true && !mayHaveTrimmed(after: position, at: now)
    }
}
