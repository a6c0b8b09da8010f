import Actors
import Cluster
import Transport

/// The sessions that move between hosts.
extension HubOracle {
    /// What happens to sessions at a hub.
    enum Happening {
        case event(Broadcast, position: UInt64)
        case change(SocketSelection, SocketChange, position: UInt64)
        case lost(HostExchange.LostMessage, position: UInt64)

        /// The position of the hub.
        var position: UInt64 {
            switch self {
            case .event(_, let position), .change(_, _, let position), .lost(_, let position): position
            }
        }
    }

    /// The place at which a session leaves its owner, in the order of the hub that asks for it.
    struct Cut {
        let position: UInt64
        /// The number of happenings before.
        let count: Int
    }

    func notedCut(of question: String, at now: ContinuousClock.Instant) {
        record.trace("the hub of \(exchange?.node ?? "") notes the cut for \(question)")
        requirePlace(of: question)
        skipPosition(at: now)
        silentHosts.cut(in: namespaceOfCuts, at: now)
        // A second cut for the same question has no effect.
        if cuts[question] == nil { cuts[question] = Cut(position: head, count: happenings.count) }
    }

    /// Both hosts must change the owner at the same place of the order.
    private func requirePlace(of question: String) {
        record.require(
            presentCuts.contains(question), .sessionIsAtOneHost,
            "\(exchange?.node ?? "") lets the session of question \(question) go at another place than that of its cut")
    }

    func gave(
        _ id: SessionID?, for claim: Claim, to question: String, askedAt time: ContinuousClock.Instant,
        at now: ContinuousClock.Instant
    ) {
        record.trace("the hub of \(exchange?.node ?? "") gives \(id?.description ?? "nothing") for \(question)")
        requirePlace(of: question)
        guard let session = claim.privateID.flatMap({ secrets[$0] }) else {
            return record.require(id == nil, .sessionIsAtOneHost, "the hub gives a session that it does not have")
        }
        guard let id else { return kept(session, from: claim, askedAt: time, at: now) }
        record.note(.sessionGiven)
        record.require(
            id == session.id && !session.isDeleted && session.disconnectedEpoch != session.ownerEpoch,
            .confirmedStateIsKept, "the deleted session \(id) is given to another host")
        record.require(
            !session.exceedsContestLimit(at: time), .settles,
            "\(id) is taken from a connected owner for the ninth time in 30 s")
        requireOwn(session, for: nil)
        let place = session.place(of: claim.offset.flatMap { Offset($0) })
        requireNothingLost(session, since: place)
        session.keptFrom = place
        if session.isConnected {
            record.note(.claimContested)
            session.contestedAt.append(time)
            session.givenEpoch = session.ownerEpoch
            inquiries.left(id)
        }
        session.isConnected = false
        kept.passes(session.privateID, by: self, askedAt: time)
        remove(session)
        moves.give(session, to: question)
    }

    /// The hub does not give a session, as it would have refused the claim itself.
    private func kept(
        _ session: Session, from claim: Claim, askedAt time: ContinuousClock.Instant, at now: ContinuousClock.Instant
    ) {
        record.note(.sessionNotGiven)
        guard !session.exceedsContestLimit(at: time) else {
            session.refusedToOthersAt = record.time
            return record.note(.claimRateLimited)
        }
        if session.isConnected { inquiries.left(session.id) }
        check(refusalOf: claim, session, at: now)
        session.isDeleted = true
        session.isConnected = false
    }

    func arrived(_ id: SessionID, by question: String, isTaken: Bool, at now: ContinuousClock.Instant) {
        record.trace("session \(id) arrives at \(exchange?.node ?? "") for \(question): \(isTaken)")
        guard let session = moves.take(by: question), session.id == id, let cut = cuts.removeValue(forKey: question)
        else {
            return record.require(false, .sessionIsAtOneHost, "\(id) arrives, but no host has given it")
        }
        record.note(.sessionArrived)
        if isTaken { kept.arrives(session.privateID, at: self) }
        session.begin(at: epoch ?? "", from: cut.position, at: now)
        for happening in happenings[cut.count...] { apply(happening, to: session) }
        keep(session, isTaken: isTaken, at: now)
    }

    /// Checks that the hub keeps a session that has arrived, unless it was disconnected, or is there already.
    func keep(_ session: Session, isTaken: Bool, at now: ContinuousClock.Instant) {
        let present = self.session(session.id)
        let isThere = present.map { !$0.isDeleted } ?? false
        record.require(
            isTaken ? !session.isDeleted : session.isDeleted || isThere, .confirmedStateIsKept,
            "\(session.id) \(isTaken ? "was disconnected on its way" : "arrives and is not kept")")
        guard isTaken else { return }
        if let present { remove(present) }
        add(session, at: now)
    }

    /// Applies what has happened at this hub while the session was on its way.
    func apply(_ happening: Happening, to session: Session) {
        switch happening {
        case .event(let broadcast, let position):
            guard let number = EventText.number(in: broadcast.event.text) else { return }
            emit(broadcast, number, at: position, to: session)
        case .change(let selection, let change, _):
            guard session.isAddressed(by: selection) else { return }
            record.note(.changedOnTheWay)
            carryOut(change, on: session)
        case .lost(let message, _): lost(message, by: session)
        }
    }

    /// Checks a refused claim for whose session other hosts were asked: if another host has the session and could
    /// answer, and the session can be recovered, then the claim must not be refused, unless hosts were silent just
    /// before.
    func check(
        refusalOf claim: Claim, ofOtherHostSince step: Int, arrivedAt time: ContinuousClock.Instant,
        at now: ContinuousClock.Instant
    ) {
        guard exchange != nil, let secret = claim.privateID, moves.isUndisturbed(since: step),
            let (oracle, session) = moves.owner(of: secret), oracle !== self, session.namespace == claim.namespace,
            !session.exceedsContestLimit(at: time)
        else { return }
        // Its client may have left before this hub answers the claim.
        if let refusedAt = session.refusedToOthersAt, refusedAt >= step { return }
        guard !silentHosts.mayBeIgnored(in: claim.namespace, at: now) else { return record.note(.silentHostIgnored) }
        record.note(.claimRefusedElsewhere)
        oracle.check(refusalOf: claim, session, at: now)
    }
}
