import Actors
import Transport

/// Sessions that clients claim at another host than before.
extension Hub {
    /// True if sessions can be asked for and given. Rows that hosts do not share would not fit the sessions of others.
    private var sharesSessions: Bool {
        backplane?.carriesHostMessages == true && store?.isShared != false && terms.keepsSessions
    }

    /// True if a claim is for a session that other hosts or the broker may have, and they cannot be asked yet. Without
    /// a broker that keeps messages, a session cannot be resumed after an outage anyway, so only the first connection
    /// is waited for.
    private func mustConnect(before entry: ClaimQueue.Entry) -> Bool {
        guard sharesSessions, let gate, !gate.isConnected, !gate.isCutOff, terms.sharesPositions || !hasConnected,
            entry.question == nil, !entry.wasAsked, entry.claim.privateID != nil
        else { return false }
        let isTaken = entry.claim.privateID.map { takes.mayHaveTaken($0) } ?? false
        return loop.now - entry.time < (isTaken ? longestWait : sessionQuestions.patience)
            && machine.claimedSession(by: entry.claim) == nil
    }

    /// How long after its arrival a claim waits for another connection when one has ended: so long that other hosts and
    /// the broker can have been asked once.
    private var longestWait: Duration { sessionQuestions.patience * 2 }

    /// Asks the other hosts for the session of a claim that this host does not have, or begins to answer the question
    /// of another host.
    /// - Returns: false if the claim is answered now.
    func passOn(_ number: UInt64) -> Bool {
        guard var entry = machine.claims.entries.first(where: { $0.number == number }) else { return false }
        if let name = entry.question {
            _ = machine.claims.remove(number)
            letGo(entry, name)
            return true
        }
        let isNew = !entry.isDelayed
        if mustConnect(before: entry) {
            guard unconnectedClaims.count < sessionQuestions.limit else { return false }
            _ = machine.claims.remove(number)
            entry.isDelayed = true
            unconnectedClaims.append(entry)
            if isNew { tellDelayed(entry) }
            return true
        }
        guard sharesSessions, gate?.isConnected == true else {
            // Without the broker it cannot be found out whether its value was lost or taken.
            if let id = machine.claimedSession(by: entry.claim)?.0, kept.isMissing(id) { forgetTaken(id) }
            return false
        }
        if let (id, session) = machine.claimedSession(by: entry.claim) {
            guard backplane?.keepsSessions == true, !entry.wasChecked else { return false }
            _ = machine.claims.remove(number)
            check(id, session, for: entry)
            return true
        }
        guard !entry.wasAsked else { return false }
        entry.isDelayed = true
        if !takes.hold(entry) {
            switch sessionQuestions.ask(for: entry, at: loop.now) {
            case .refuse: return false
            case .wait: break
            case .ask(let question):
                backplane?.open(entry.claim.namespace)
                hostMessages.ask(question, in: entry.claim.namespace)
                startQuestionTimer()
            }
        }
        _ = machine.claims.remove(number)
        if isNew { tellDelayed(entry) }
        return true
    }

    /// Tells a worker that a claim waits, so that its other claims do not wait for it.
    private func tellDelayed(_ entry: ClaimQueue.Entry) {
        links[entry.claimant]?.send([.claimDelayed(entry.claim.number)])
    }

    /// Continues with the claims that have waited for a connection to the broker, or for too long.
    func continueClaims() {
        guard !unconnectedClaims.isEmpty else { return }
        let waiting = unconnectedClaims
        unconnectedClaims = []
        holdClaims {
            for entry in waiting {
                if mustConnect(before: entry) {
                    unconnectedClaims.append(entry)
                } else {
                    machine.claims.append(again: entry)
                }
            }
        }
    }

    /// Publishes what was gathered for the other hosts.
    func publishHostMessages() {
        let messages = hostMessages.takeAll(of: terms.epoch)
        guard !messages.isEmpty else { return }
        // A host that does not get a session from this one looks for it at the broker.
        removeEndedSessions()
        for message in messages { gate?.send(message) }
        publishMessages()
    }

    /// Takes a session that no other host has from the broker, or answers the claims whose question has ended. Without
    /// a connection, the session may be kept all the same.
    private func handle(_ ended: SessionQuestions.Ended?) {
        guard let ended, !take(ended) else { return }
        answer(ended, asksAgain: ended.hasMoved || terms.sharesPositions && gate?.isConnected == false)
    }

    /// Answers the claims whose question has ended, and the later questions of other hosts.
    /// - Parameters:
    ///   - isGiven: true if this host has just got the session, and no other can have it. A check would only let the
    ///     later questions come before the claims.
    ///   - asksAgain: true to ask other hosts again before, if the claims have not waited for too long.
    func answer(_ ended: SessionQuestions.Ended, isGiven: Bool = false, asksAgain: Bool = false) {
        for var entry in ended.claims {
            if isGiven { entry.wasChecked = true }
            entry.wasAsked = !asksAgain || loop.now - entry.time >= longestWait
            machine.claims.append(again: entry)
        }
        for later in ended.later {
            // Its asker waits for longer, because this host has asked before.
            asked(later.question, in: ended.namespace, at: min(later.time + sessionQuestions.grace, loop.now))
        }
    }

    /// Ends all questions of this host and others, because messages may be lost.
    func endSessionQuestions() {
        holdClaims {
            for (name, namespace) in leaving.keepAll() { hostMessages.refuse(name, in: namespace) }
            for ended in sessionQuestions.endAll() { handle(ended) }
        }
    }

    // MARK: Messages

    /// Handles a message of this host that has come back or is lost.
    func returned(_ message: HostMessage, isLost: Bool) {
        switch message.content {
        case .ask(let questions):
            for question in questions {
                if isLost {
                    handle(sessionQuestions.end(question.name.number))
                } else {
                    sessionQuestions.placed(question.name.number)
                }
            }
        case .cut(let names):
            for name in names { cutReturned(name, in: message.namespace, isLost: isLost) }
        case .give(let name, _): leaving.finish(name)
        case .none: break
        }
    }

    /// Handles a message of another host.
    func received(_ message: HostMessage) {
        switch message.content {
        case .ask(let questions):
            for question in questions { asked(question, in: message.namespace, at: loop.now) }
        case .cut(let names):
            for name in names where name.host == terms.epoch {
                // An offset of this hub that the client had before it left is then older than the session's new start.
                machine.step()
                observer?.notedCut(of: "\(name)", at: loop.now)
                sessionQuestions.cut(name.number, at: machine.head, in: message.namespace)
            }
        case .give(let name, let session):
            if name.host == terms.epoch {
                arrived(session, for: name)
            } else {
                sessionQuestions.moved(session.privateID, for: name, in: message.namespace)
            }
        case .none(let names, let host, let keeps):
            for name in names where name.host == terms.epoch {
                if keeps {
                    if let ended = sessionQuestions.end(name.number) { answer(ended) }
                } else {
                    handle(sessionQuestions.refused(name.number, by: host, in: message.namespace))
                }
            }
        }
    }

    /// The number of other hosts that have a question is known.
    func counted(_ message: HostMessage, others: Int) {
        guard case .ask(let questions) = message.content else { return }
        holdClaims {
            for question in questions { handle(sessionQuestions.counted(question.name.number, others: others)) }
        }
    }

    private func arrived(_ session: MovingSession, for name: QuestionName) {
        guard let arrival = sessionQuestions.arrived(name.number) else {
            return report(.backplane(.ignored(reason: "a session that this host has not asked for")))
        }
        // This host has stopped waiting. It takes the value, or has taken it already.
        let value = backplane?.keepsSessions == true ? session.keptAs : nil
        guard value == nil || arrival.ended != nil else { return }
        let isTaken = machine.take(session, arrival, at: loop.now)
        observer?.arrived(session.id, by: "\(name)", isTaken: isTaken, at: loop.now)
        guard let value else {
            if let ended = arrival.ended { answer(ended, isGiven: true) }
            return
        }
        guard isTaken, let ended = arrival.ended else { return handle(arrival.ended) }
        kept.adopt(session.id, session.privateID, value, writtenAfter: arrival.askedAt)
        // A third host may have taken the value, and then has the session.
        answer(ended, asksAgain: true)
    }

    // MARK: Questions of other hosts

    /// - Parameter time: since when it is waited for the answer.
    private func asked(_ question: SessionQuestion, in namespace: String, at time: ContinuousClock.Instant) {
        guard !sessionQuestions.keep(question, in: namespace, at: time), !takes.hold(question, in: namespace, at: time)
        else { return }
        let claim = question.claim(in: namespace)
        guard sharesSessions, !refusesSessions, machine.claimedSession(by: claim) != nil,
            machine.claims.questionCount < LeavingSessions.maxQuestions
        else { return hostMessages.refuse(question.name, in: namespace) }
        machine.claims.append(claim, by: .others, at: time, looks: 0, question: question.name)
    }

    /// Publishes the cut of a session that another host asks for, once the link of its owner is drained. A question
    /// that has waited too long is refused: its client has got an answer.
    private func letGo(_ entry: ClaimQueue.Entry, _ name: QuestionName) {
        let namespace = entry.claim.namespace
        guard let (id, _) = machine.claimedSession(by: entry.claim), gate?.isConnected == true,
            loop.now - entry.time < sessionQuestions.patience
        else { return hostMessages.refuse(name, in: namespace) }
        release(id, for: entry, name)
    }

    /// Gives a session as it is at the place of its cut. If the cut is lost, this host keeps the session.
    func cutReturned(_ name: QuestionName, in namespace: String, isLost: Bool) {
        guard let entry = leaving.finishCut(name) else { return }
        guard !isLost, gate?.isConnected == true else { return hostMessages.refuse(name, in: namespace) }
        var output = HubStateMachine.Output()
        var problem: String?
        let keptAs = machine.claimedSession(by: entry.claim).flatMap { kept.releasedValue(of: $0.id) }
        let session = machine.give(entry, keptAs: keptAs, into: &output) { session in
            problem = HostMessage(.give(name, session), in: namespace).refusal
            return problem == nil
        }
        observer?.gave(session?.id, for: entry.claim, to: "\(name)", askedAt: entry.time, at: loop.now)
        send(output)
        if let problem { report(.backplane(.problem(reason: "a session cannot move to another host: \(problem)"))) }
        if let id = output.contestedSession { report(.contestedSession(id)) }
        guard let session else { return refuse(entry, name) }
        kept.handOver(session.id)
        leaving.give(name)
        gate?.send(HostMessage(.give(name, session), in: namespace))
    }

    /// Refuses a session that was to leave. If it stays here, the asking host must not look for it at the broker.
    func refuse(_ entry: ClaimQueue.Entry, _ name: QuestionName) {
        hostMessages.refuse(
            name, in: entry.claim.namespace, keeping: machine.claimedSession(by: entry.claim) != nil)
    }

    // MARK: Time

    private func startQuestionTimer() {
        guard !isQuestionTimerRunning, let deadline = sessionQuestions.deadline else { return }
        isQuestionTimerRunning = true
        _ = loop.startTimer(at: deadline, HubTimer(of: self) { $0.questionTimerFired(at: $1) })
    }

    private func questionTimerFired(at now: ContinuousClock.Instant) {
        isQuestionTimerRunning = false
        expireSessionQuestions(at: now)
        startQuestionTimer()
    }

    /// Ends the questions whose time is up.
    func expireSessionQuestions(at now: ContinuousClock.Instant) {
        holdClaims {
            for ended in sessionQuestions.expire(at: now) { handle(ended) }
            expireTakes(at: now)
        }
    }
}
