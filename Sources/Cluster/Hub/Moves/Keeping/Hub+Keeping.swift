import Actors
import Transport

/// The sessions that a broker keeps.
extension Hub {
    /// How long changes are gathered before a session is written.
    private static let gatheringTime = Duration.milliseconds(100)

    func nextCommand() -> UInt64 {
        lastCommand += 1
        return lastCommand
    }

    /// Writes the sessions that have changed a moment later, because a new socket often joins rooms.
    func gatherChanges() {
        guard !machine.sessions.changes.isEmpty || kept.hasWork, !isKeepTimerRunning else { return }
        isKeepTimerRunning = true
        _ = loop.startTimer(at: loop.now + Self.gatheringTime, HubTimer(of: self) { $0.keepTimerFired(at: $1) })
    }

    private func keepTimerFired(at now: ContinuousClock.Instant) {
        isKeepTimerRunning = false
        keepChanges(at: now)
        gatherChanges()
    }

    private func noteChanges() {
        for id in machine.sessions.takeChanges().sorted() {
            if let session = machine.sessions[id] { kept.note(id, session.privateID) } else { kept.forget(id) }
        }
    }

    /// Removes the keys of sessions that have ended. Before this host or another one looks for a session there, because
    /// nobody may resume it any more.
    func removeEndedSessions() {
        guard gate?.isConnected == true, let backplane, backplane.keepsSessions else { return }
        noteChanges()
        while true {
            let number = nextCommand()
            guard let command = kept.nextRemoval(as: number, at: loop.now) else { return }
            backplane.carryOut(command, number)
        }
    }

    /// Writes what has changed, and what expires.
    func keepChanges(at now: ContinuousClock.Instant) {
        noteChanges()
        guard gate?.isConnected == true, let backplane, backplane.keepsSessions else { return }
        let held = leaving.ids
        while true {
            let number = nextCommand()
            let command = kept.next(as: number, at: now, holding: held) {
                machine.keptValue(of: $0, counter: Int(number))
            }
            guard let command else { return }
            backplane.carryOut(command, number)
        }
    }

    /// Handles the answer to a command about sessions.
    func answered(_ number: UInt64, _ answer: SessionAnswer) {
        if taken(number, answer) { return }
        switch kept.answered(number, answer, at: loop.now) {
        case .taken(let id, let claim):
            forgetTaken(id)
            if let claim { checked(claim) }
        case .checked(let claim): checked(claim)
        case .expired(_, let claim?): checked(claim, isKnown: false)
        case .expired(let id, nil): release(id)
        case .released(let id, let isReleased): released(id, isReleased)
        case .notReleased(let id, let reason):
            report(.backplane(.problem(reason: "sessions are not kept: \(reason)")))
            release(id, withValue: false)
        case .refused(let reason): report(.backplane(.problem(reason: "sessions are not kept: \(reason)")))
        case nil: break
        }
        if kept.hasWork { keepChanges(at: loop.now) }
    }

    /// Forgets a session that another host has taken.
    func forgetTaken(_ id: SessionID) {
        observer?.forgot(id, at: loop.now)
        kept.drop(id)
        var output = HubStateMachine.Output()
        machine.forgetTaken(id, into: &output)
        send(output)
        released(id, false)
    }

    /// Finds out whether another host has taken a session that is claimed here. It may have been at other hosts since
    /// this one had it.
    func check(_ id: SessionID, _ session: HubSession, for entry: ClaimQueue.Entry) {
        claimChecks.begin(entry, of: id)
        let number = nextCommand()
        backplane?.carryOut(
            kept.check(id, session.privateID, for: entry.number, as: number, at: loop.now), number)
    }

    /// Continues with a claim.
    /// - Parameter isKnown: false if the session must be checked again.
    private func checked(_ claim: UInt64, isKnown: Bool = true) {
        guard var entry = claimChecks.finish(claim) else { return }
        entry.wasChecked = isKnown
        holdClaims { machine.claims.prepend(again: entry) }
    }

    /// Continues with the claims whose sessions cannot be checked any more.
    func endChecks() {
        holdClaims {
            for claim in claimChecks.numbers.reversed() { checked(claim) }
        }
    }

    /// Writes a session that another host asks for, so that it survives if the other host dies before it has it. If the
    /// broker does not have it any more, another host has taken the session already.
    func release(_ id: SessionID, for entry: ClaimQueue.Entry, _ name: QuestionName) {
        leaving.begin(entry, name, id)
        if backplane?.keepsSessions == true {
            release(id)
        } else {
            hostMessages.cut(name, in: entry.claim.namespace)
        }
    }

    private func release(_ id: SessionID, withValue hasValue: Bool = true) {
        noteChanges()
        guard let session = machine.sessions[id], let backplane else { return released(id, false) }
        let number = nextCommand()
        let value = hasValue ? machine.keptValue(of: id, counter: Int(number)) : nil
        backplane.carryOut(kept.release(id, session.privateID, value, as: number, at: loop.now), number)
    }

    /// Publishes the cut of a session that may be given.
    private func released(_ id: SessionID, _ isReleased: Bool) {
        for (name, entry) in leaving.released(id) {
            if isReleased, machine.sessions[id] != nil {
                hostMessages.cut(name, in: entry.claim.namespace)
            } else {
                _ = leaving.finishCut(name)
                refuse(entry, name)
            }
        }
    }
}
