import Actors
import Transport

/// The sessions that this host takes from a broker, because no other host has them.
extension Hub {
    /// Takes a session from the broker that no other host has.
    /// - Returns: false if the broker keeps none.
    func take(_ ended: SessionQuestions.Ended) -> Bool {
        guard let backplane, backplane.keepsSessions, !isLeaving, gate?.isConnected == true, terms.sharesPositions,
            takes.count < sessionQuestions.limit, let privateID = ended.claims.first?.claim.privateID
        else { return false }
        removeEndedSessions()
        let number = nextCommand()
        takes[number] = SessionTakes.Take(
            namespace: ended.namespace, privateID: privateID, claims: ended.claims, later: ended.later,
            deadline: loop.now + sessionQuestions.patience)
        backplane.carryOut(SessionCommand(.take(privateID)), number)
        return true
    }

    func taken(_ number: UInt64, _ answer: SessionAnswer) {
        guard let take = takes[number] else { return }
        switch (take.stage, answer.content) {
        case (.value, .value(let value?)):
            do throws(FormatError) {
                takes[number]?.stage = .place(try StreamSession(value))
                continueTakes()
            } catch {
                report(.backplane(.ignored(reason: "\(error)")))
                end(takes.remove(number))
            }
        case (.history(var restoration, let range, let pages), .history(let page?)):
            for (entry, message) in page.messages {
                guard let position = entry.position else { continue }
                switch message {
                case .event(let broadcast): restoration.add(broadcast, at: position)
                case .change(let selection, let change):
                    restoration.apply(change, of: selection, at: position, pastStays: machine.maxPastStays)
                default: break
                }
            }
            guard let next = page.next, next < range.end else {
                return finish(takes.remove(number), restoration)
            }
            guard pages < SessionTakes.maxPages else { return end(takes.remove(number)) }
            var rest = range
            rest.start = next
            read(rest, for: takes.remove(number), restoration, pages: pages + 1)
        default: end(takes.remove(number))
        }
    }

    /// Continues with the sessions whose earlier hosts and clients knew no more than this host has read by now.
    func continueTakes() {
        for number in takes.waiting {
            guard let take = takes[number], case .place(let value) = take.stage else { continue }
            let place = max(value.places?.position ?? 0, take.offset?.position ?? 0)
            guard SharedPosition(place).entry.value <= machine.head else { continue }
            takes[number] = nil
            restore(value, for: take)
        }
    }

    /// Finds what the client has missed: in the log of this host, or else at the broker.
    private func restore(_ value: StreamSession, for take: SessionTakes.Take) {
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
        read(range, for: take, restoration, pages: 1)
    }

    private func read(
        _ range: HistoryRange, for take: SessionTakes.Take?, _ restoration: SessionRestoration, pages: Int
    ) {
        guard var take, let backplane else { return }
        take.stage = .history(restoration, range, pages: pages)
        let number = nextCommand()
        takes[number] = take
        backplane.carryOut(SessionCommand(.read(range)), number)
    }

    /// Adds the session, for the claims that wait for it.
    private func finish(_ take: SessionTakes.Take?, _ restoration: SessionRestoration) {
        guard let take else { return }
        if let session = restoration.result, let changes = sessionQuestions.changes(after: restoration.end) {
            let arrival = SessionQuestions.Arrival(
                namespace: take.namespace, privateID: take.privateID, position: restoration.end, changes: changes,
                ended: nil, isComplete: true)
            let isTaken = machine.take(session, arrival, at: loop.now)
            observer?.restored(
                session.id, of: take.privateID, from: take.offset, upTo: restoration.end, isTaken: isTaken,
                at: loop.now)
        }
        end(take)
    }

    /// Answers the claims that wait for a session.
    private func end(_ take: SessionTakes.Take?) {
        guard let take else { return }
        holdClaims { answer(SessionQuestions.Ended(claims: take.claims, later: take.later, namespace: take.namespace)) }
    }

    /// Ends the takes whose time is up.
    func expireTakes(at now: ContinuousClock.Instant) {
        for take in takes.expire(at: now) { end(take) }
    }

    /// Ends all takes, because answers may be lost.
    func endTakes() {
        for take in takes.removeAll() { end(take) }
    }
}

extension SharedPosition {
    /// The id of the entry at the position.
    var id: EntryID { EntryID(milliseconds: milliseconds, sequence: sequence) }
}
