@_spi(Collections) import Actors
import Persistence
import Transport

/// The messages of other hosts, and this host's own on their way through the broker.
extension Hub {
    func startBackplane() {
        if backplane?.opensRooms == true { machine.members.noteChanges() }
        backplane?.start { [weak self] in self?.delivered($0) }
    }

    private nonisolated func delivered(_ delivery: BackplaneDelivery) {
        assumeIsolated { hub in
            hub.deliveries.append(delivery)
            hub.handleDeliveries()
        }
    }

    /// Handles the requests of a worker, of which some go to all hosts.
    func receiveThroughGate(_ requests: [HubRequest], from incarnation: Incarnation) {
        holdClaims { orderThroughGate(requests, from: incarnation) }
    }

    /// Does work without answering claims in between, and answers them then. A claim must not be answered between two
    /// requests of its session that are carried out together.
    func holdClaims(_ work: () -> Void) {
        claimHolds += 1
        work()
        claimHolds -= 1
        answerClaims()
    }

    private func orderThroughGate(_ requests: [HubRequest], from incarnation: Incarnation) {
        for request in requests {
            if request.isStale(in: machine, from: incarnation) {
                carryOut([.carryOut(request, incarnation)])
                continue
            }
            let steps = gate?.receive(
                request, from: incarnation, isOwn: { !isKept(request) && machine.isConnected($0, in: $1) },
                expand: { machine.groups.expand($0) }, joined: { openedRoom($1, by: $0, in: $2) })
            carryOut(steps ?? [])
        }
        publishMessages()
    }

    func carryOut(_ steps: [BackplaneGate.Step]) {
        for step in steps {
            switch step {
            case .carryOut(.fetch(let fetch, let sender), let incarnation) where machine.others != nil:
                fetchFromAll(fetch, by: sender, from: incarnation)
            case .carryOut(let request, let incarnation):
                if request.mustLeave(machine, from: incarnation) {
                    orderThroughGate([request], from: incarnation)
                } else {
                    order([request], from: incarnation)
                }
            case .warn(let reason): report(.backplane(.notPublished(reason: reason)))
            case .open(let namespace): backplane?.open(namespace)
            case .openRoom(let room): roomsToOpen.append(room)
            case .returned(let message, let isLost, let entry):
                _ = machine.advance(to: entry)
                observer?.applies(.host(message), of: .others, entry: entry, at: loop.now)
                returned(message, isLost: isLost)
            case .refuse(let request, let incarnation):
                counters.dropped += 1
                links[incarnation]?.send(request.refusal)
            case .drop(let message, let origin, let sender, let credit):
                counters.dropped += 1
                if let credit, let answer = message.answer(to: sender, credit: credit) {
                    links[origin.incarnation]?.send([answer])
                }
            case .apply(.host(let message), _, _, _, let entry):
                _ = machine.advance(to: entry)
                observer?.applies(.host(message), of: nil, entry: entry, at: loop.now)
                received(message)
            case .apply(let message, let origin, let sender, let credit, let entry):
                observer?.applies(message, of: origin?.incarnation, entry: entry, at: loop.now)
                if case .change(let selection, let change) = message {
                    let position = terms.sharesPositions ? entry?.position ?? 0 : 0
                    sessionQuestions.note(change, of: selection, at: max(machine.head, position))
                }
                var output = HubStateMachine.Output()
                machine.apply(message, of: origin?.incarnation, entry: entry, at: loop.now, into: &output)
                if let origin, let credit, let answer = message.answer(to: sender, credit: credit) {
                    output.append(answer, for: origin.incarnation)
                }
                send(output)
            }
        }
    }

    /// Gives the messages to the broker that wait for it.
    func publishMessages() {
        changeRooms()
        askForEntry()
        let row = store == nil ? nil : machine.lastPublished
        guard let messages = gate?.takeUnsent(row: row, at: loop.now), !messages.isEmpty else { return }
        backplane?.publish(messages)
    }

    /// Handles what the backplane has delivered, in order. A message from a host that had published rows which this one
    /// has not read waits for them, and all later ones with it.
    func handleDeliveries() {
        // Handling one may bring another, which is handled after it.
        guard !isHandlingDeliveries else { return }
        isHandlingDeliveries = true
        holdClaims {
            while let delivery = deliveries.first, !mustLook(before: delivery) {
                _ = deliveries.removeFirst()
                handle(delivery)
            }
            isHandlingDeliveries = false
            continueTakes()
            publishMessages()
        }
    }

    /// True if the rows that the sender had published before are not published here yet, and a read that began after
    /// the message's arrival may still find them.
    private func mustLook(before delivery: BackplaneDelivery) -> Bool {
        guard case .received(_, let row?, _) = delivery, row > machine.lastPublished, store?.isShared == true,
            !schedule.isClosed, !rowsAreOverdue
        else {
            awaitedRow = nil
            return false
        }
        guard let awaited = awaitedRow else {
            awaitedRow = (loop.now, machine.looks.begun)
            look()
            return true
        }
        guard !machine.looks.cover(awaited.arrival) else { return false }
        guard loop.now - awaited.since >= Self.lookTimeout else { return true }
        // Do not wait again until a read has found everything.
        rowsAreOverdue = true
        return false
    }

    private func handle(_ delivery: BackplaneDelivery) {
        observer?.handles(delivery, lastPublished: machine.lastPublished, at: loop.now)
        switch delivery {
        case .begun(let number): carryOut(gate?.begin(after: number) ?? [])
        case .connected:
            if gate?.isCutOff == true {
                // What others have published meanwhile is lost, also before the first connection.
                if !terms.sharesPositions { noteGap() }
                report(.backplane(.connectedAgain))
            }
            gate?.connected(at: loop.now)
            hasConnected = true
            machine.others = .others
            resumeTakes()
            continueClaims()
        case .disconnected(let reason):
            report(.backplane(.disconnected(reason: reason)))
            // What others publish from now on is lost. Sessions that are lost already would miss it.
            if gate?.isConnected == true, !terms.sharesPositions { noteGap() }
            gate?.disconnected(at: loop.now)
            machine.others = nil
            endSessionQuestions()
            counters.outages += 1
            interruptTakes()
            endChecks()
            kept.connectionEnded()
        case .returned(let number, let entry): carryOut(gate?.returned(number, entry: entry) ?? [])
        case .received(let message, _, let entry):
            carryOut([.apply(message, nil, sender: nil, credit: nil, entry: entry)])
        case .asked(let question, let asker): asked(question, by: asker)
        case .answered(let number, let answer): answered(number, answer)
        case .questionEnded(let number, let isComplete): questionEnded(number, isComplete: isComplete)
        case .hostsCounted(let message, let others): counted(message, others: others)
        case .reached(let entry): machine.reach(entry)
        case .gap:
            noteGap()
            endSessionQuestions()
        case .kept(let number, let answer): answered(number, answer)
        case .keptSessionsMayBeLost: kept.valuesMayBeLost()
        case .ignored(let reason): report(.backplane(.ignored(reason: reason)))
        case .problem(let reason): report(.backplane(.problem(reason: reason)))
        }
    }

    /// Lets the backplane end what is only for namespaces without sockets. Clients can create dynamic namespaces, so
    /// their number would grow without end.
    func releaseNamespaces(at now: ContinuousClock.Instant) {
        guard gate != nil, now >= nextRelease else { return }
        nextRelease = now + Self.releaseInterval
        let used = machine.usedNamespaces.union(sessionQuestions.namespaces).union(takes.namespaces)
        if gate?.forget(allBut: used) == true { backplane?.release(allBut: used) }
    }

    /// Continues alone if the broker could not be reached for too long.
    func expireMessages(at now: ContinuousClock.Instant) {
        // Another connection, or what has come back, may be among the deliveries that wait.
        guard let gate, deliveries.isEmpty else { return }
        let willBeCutOff = gate.deadline.map { now >= $0 } ?? false
        holdClaims { carryOut(self.gate?.expire(at: now) ?? []) }
        if let number = self.gate?.overdueMessage(at: now) { backplane?.checkReturn(of: number) }
        guard willBeCutOff else { return }
        backplane?.abandon()
        endTakes()
        if !terms.sharesPositions { noteGap() }
        report(.backplane(.cutOff(backplane?.outagePolicy ?? .local)))
    }

    /// True if a claim concerns a session whose messages were on their way when it arrived, or when the link of the
    /// session's owner was drained for it, and have not come back.
    func mustWaitForMessages(before claim: ClaimQueue.Entry) -> Bool {
        guard let gate, let (id, session) = machine.claimedSession(by: claim.claim) else { return false }
        let wait = claimWaits[claim.number] ?? ClaimWait(ticket: gate.latestMessage(of: id, session.owner))
        claimWaits[claim.number] = wait
        if claimWaits.count > machine.claims.entries.count {
            let open = Set(machine.claims.entries.map(\.number))
            claimWaits = claimWaits.filter { open.contains($0.key) }
        }
        return wait.ticket.map { !gate.hasApplied($0) } ?? false
    }

    /// Lets claims wait for what the drain of the owner's link has brought. It is drained once for each claim: under
    /// steady traffic, each further drain would bring more.
    func wasDrained(_ owner: Incarnation, before claims: [ClaimQueue.Entry]) {
        guard let gate else { return }
        for entry in claims {
            guard let (id, session) = machine.claimedSession(by: entry.claim), session.owner == owner else { continue }
            claimWaits[entry.number] = ClaimWait(ticket: gate.latestMessage(of: id, owner), isDrained: true)
        }
    }
}

/// What a claim waits for with a backplane.
struct ClaimWait {
    /// The ticket of a message that must have come back; nil for none.
    let ticket: UInt64?
    /// True if the link of the session's owner was drained for this claim.
    var isDrained = false
}

extension BackplaneMessage {
    /// The event that tells the sender that its message was applied, and returns the credit.
    fileprivate func answer(to sender: SessionKey?, credit: Int) -> HubEvent? {
        switch self {
        case .event: .emitted(sender, credit: credit)
        case .change: .carriedOut(sender, credit: credit)
        case .serverEvent: .emitted(nil, credit: credit)
        case .marker, .roomMarker, .host: nil
        }
    }
}

extension HubRequest {
    /// True if the request is an event or a change of a sender that this worker does not own any more. The hub answers
    /// it without carrying it out.
    fileprivate func isStale(in machine: HubStateMachine, from incarnation: Incarnation) -> Bool {
        switch self {
        case .emit(_, let sender), .change(_, _, let sender): machine.isStale(sender, of: incarnation)
        default: false
        }
    }

    /// True if the request was for a socket of this host alone, and waited until the socket had gone to another one.
    fileprivate func mustLeave(_ machine: HubStateMachine, from incarnation: Incarnation) -> Bool {
        let rooms: [String]
        switch self {
        case .emit(let broadcast, _): rooms = broadcast.rooms
        case .change(let selection, _, _): rooms = selection.rooms
        default: return false
        }
        guard !rooms.isEmpty, machine.others != nil, !isStale(in: machine, from: incarnation) else { return false }
        return message { machine.isConnected($0, in: $1) } != nil
    }
}
