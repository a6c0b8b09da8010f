import Actors
import Transport

/// The sessions that this host takes from a broker, because no other host has them.
extension Hub {
    /// Takes a session from the broker that no other host has.
    /// - Returns: false if the broker keeps none.
    func take(_ ended: SessionQuestions.Ended) -> Bool {
        guard let backplane, backplane.keepsSessions, !isLeaving, gate?.isConnected == true, terms.sharesPositions,
            takes.count < sessionQuestions.limit, let privateID = ended.claims.first?.claim.privateID,
            !kept.endingSecrets.contains(privateID)
        else { return false }
        removeEndedSessions()
        let number = nextCommand()
        var claims = ended.claims
        for index in claims.indices { claims[index].wasAsked = true }
        takes.begin(
            SessionTakes.Take(
                namespace: ended.namespace, privateID: privateID, claims: claims, later: ended.later,
                deadline: loop.now + sessionQuestions.patience),
            as: number)
        backplane.carryOut(
            SessionCommand(.take(privateID, by: terms.epoch, copyLife: sessionQuestions.patience * 2)), number)
        return true
    }

    /// Handles the answer to a command of a take.
    /// - Returns: false if it is of none.
    func taken(_ number: UInt64, _ answer: SessionAnswer) -> Bool {
        if let range = takes.endReading(number) {
            historyRead(range, answer)
            return true
        }
        guard let take = takes[number], case .value = take.stage else { return false }
        guard case .value(let value?) = answer.content else {
            if case .failed(let reason) = answer.content {
                report(.backplane(.problem(reason: "sessions cannot be taken from the broker: \(reason)")))
            }
            end(takes.remove(number))
            return true
        }
        takes[number]?.hasValue = true
        do throws(FormatError) {
            takes[number]?.stage = .place(try StreamSession(value))
            continueTakes()
        } catch {
            report(.backplane(.ignored(reason: "\(error)")))
            end(takes.remove(number))
        }
        return true
    }

    /// Continues with the sessions whose earlier hosts and clients knew no more than this host has read by now.
    func continueTakes() {
        guard gate?.isConnected == true else { return }
        for number in takes.waiting {
            guard let take = takes[number], case .place(let value) = take.stage else { continue }
            let place = max(value.places?.position ?? 0, take.offset?.position ?? 0)
            guard SharedPosition(place).entry.value <= machine.head else { continue }
            takes[number] = nil
            restore(value, for: take, number)
        }
    }

    /// Finds what the client has missed: in the log of this host, or else at the broker.
    private func restore(_ value: StreamSession, for take: SessionTakes.Take, _ number: UInt64) {
        guard
            let restoration = SessionRestoration(
                value, in: take.namespace, privateID: take.privateID, from: take.offset, upTo: machine.head,
                limit: take.limit(most: machine.recovery?.maxBytes ?? 0))
        else { return end(take) }
        let start = SharedPosition(restoration.start).entry.id
        if let changes = sessionQuestions.changes(after: restoration.changedUpTo),
            backplane?.delivers(take.namespace, since: start) == true
        {
            var filled = restoration
            for entry in changes {
                filled.apply(
                    entry.change, of: entry.selection, at: entry.position, pastStays: machine.maxPastStays)
            }
            if let log = machine.log, machine.hasLogged(filled.session, filled.id, after: filled.offset) {
                for entry in log.entries(after: filled.offset) { filled.add(entry.broadcast, at: entry.position) }
                if filled.result != nil { return finish(take, filled) }
            }
        }
        let range = HistoryRange(
            namespace: take.namespace, start: start, end: SharedPosition(machine.head).entry.id)
        takes[number] = take
        takes[number]?.stage = .history(restoration, range, pages: 1)
        readHistory(of: take.namespace)
    }

    /// Reads the next part of a history, once for all sessions that need it.
    private func readHistory(of namespace: String) {
        guard let backplane, let range = takes.nextReading(of: namespace) else { return }
        let number = nextCommand()
        takes.read(range, as: number)
        backplane.carryOut(SessionCommand(.read(range)), number)
    }

    private func historyRead(_ range: HistoryRange, _ answer: SessionAnswer) {
        let page: KeptHistoryPage? = if case .history(let page) = answer.content { page } else { nil }
        let progress = takes.add(page, of: range, pastStays: machine.maxPastStays)
        for (take, restoration) in progress.finished { finish(take, restoration) }
        for take in progress.failed { end(take) }
        readHistory(of: range.namespace)
    }

    /// Adds the session, for the claims that wait for it.
    private func finish(_ take: SessionTakes.Take?, _ restoration: SessionRestoration) {
        guard let take else { return }
        var isTaken = false
        if let session = restoration.result, let changes = sessionQuestions.changes(after: restoration.end) {
            let arrival = SessionQuestions.Arrival(
                namespace: take.namespace, privateID: take.privateID, askedAt: loop.now, position: restoration.end,
                changes: changes, ended: nil, isComplete: true)
            isTaken = machine.take(session, arrival, at: loop.now)
            if isTaken {
                kept.took(session.id, take.privateID, copiedUntil: take.deadline + sessionQuestions.patience)
            }
            observer?.restored(
                session.id, of: take.privateID, from: take.offset, upTo: restoration.end, isTaken: isTaken,
                at: loop.now)
        }
        end(take, isTaken: isTaken)
    }

    /// Answers the claims that wait for a session. Without it, a claim that has come while the broker was asked begins
    /// again: another host, which had the session then, may have written it since.
    private func end(_ take: SessionTakes.Take?, isTaken: Bool = false) {
        guard let take else { return }
        // A client that gets no answer from this host may come to another one, which then takes the copy.
        if !isTaken, take.hasValue, !isLeaving, !take.claims.isEmpty { kept.dropCopy(of: take.privateID) }
        let ended = { SessionQuestions.Ended(claims: $0, later: $1, namespace: take.namespace) }
        holdClaims {
            guard !isTaken else {
                // If this host was slow, another one may have taken the copy.
                return answer(ended(take.claims, take.later), asksAgain: true)
            }
            answer(ended(take.claims.filter(\.wasAsked), take.later))
            answer(ended(take.claims.filter { !$0.wasAsked }, []), asksAgain: true)
        }
    }

    /// Ends the takes whose time is up.
    func expireTakes(at now: ContinuousClock.Instant) {
        for take in takes.expire(at: now) { end(take) }
    }

    /// The connection has ended. Claims whose values have not arrived wait for the next one. Other hosts are then asked
    /// again, because one of them may have the session.
    func interruptTakes() {
        holdClaims {
            for take in takes.connectionEnded(remembering: sessionQuestions.patience) {
                let ended = SessionQuestions.Ended(claims: take.claims, later: take.later, namespace: take.namespace)
                answer(ended, asksAgain: true)
            }
        }
    }

    /// Continues to read histories on a new connection.
    func resumeTakes() {
        for namespace in takes.namespaces.sorted() { readHistory(of: namespace) }
    }

    /// Ends all takes, because nothing can be read from the broker any more.
    func endTakes() {
        for take in takes.removeAll() { end(take) }
    }
}

extension SharedPosition {
    /// The id of the entry at the position.
    var id: EntryID { EntryID(milliseconds: milliseconds, sequence: sequence) }
}
