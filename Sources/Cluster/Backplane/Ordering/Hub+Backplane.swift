import Actors
import Persistence
import Transport

/// The messages of other hosts, and this host's own on their way through the broker.
extension Hub {
    func startBackplane() {
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
        for request in requests {
            if request.isStale(in: machine, from: incarnation) {
                carryOut([.carryOut(request, incarnation)])
                continue
            }
            let steps = gate?.receive(request, from: incarnation) { machine.sessions[$0]?.isConnected == true } ?? []
            carryOut(steps)
        }
        publishMessages()
    }

    private func carryOut(_ steps: [BackplaneGate.Step]) {
        for step in steps {
            switch step {
            case .carryOut(.fetch(let fetch, let sender), let incarnation) where machine.others != nil:
                fetchFromAll(fetch, by: sender, from: incarnation)
            case .carryOut(let request, let incarnation): order([request], from: incarnation)
            case .open(let namespace): backplane?.open(namespace)
            case .apply(let message, let origin, let sender, let credit):
                var output = HubStateMachine.Output()
                machine.apply(message, of: origin?.incarnation, at: loop.now, into: &output)
                if let origin, let answer = message.answer(to: sender, credit: credit) {
                    output.append(answer, for: origin.incarnation)
                }
                send(output)
            }
        }
    }

    /// Gives the messages to the broker that wait for it.
    func publishMessages() {
        let row = store == nil ? nil : machine.lastPublished
        guard let messages = gate?.takeUnsent(row: row), !messages.isEmpty else { return }
        backplane?.publish(messages)
    }

    /// Handles what the backplane has delivered, in order. A message from a host that had published rows which this one
    /// has not read waits for them, and all later ones with it.
    func handleDeliveries() {
        // Handling one may bring another, which is handled after it.
        guard !isHandlingDeliveries else { return }
        isHandlingDeliveries = true
        while let delivery = deliveries.first, !mustLook(before: delivery) {
            _ = deliveries.removeFirst()
            handle(delivery)
        }
        isHandlingDeliveries = false
        publishMessages()
        answerClaims()
    }

    /// True if the rows that the sender had published before are not published here yet, and a read that began after
    /// the message's arrival may still find them.
    private func mustLook(before delivery: BackplaneDelivery) -> Bool {
        guard case .received(_, let row?) = delivery, row > machine.lastPublished, store?.isShared == true,
            !schedule.isClosed
        else {
            awaitedRow = nil
            return false
        }
        guard let awaited = awaitedRow else {
            awaitedRow = (loop.now, machine.looks.begun)
            look()
            return true
        }
        guard machine.looks.cover(awaited.arrival) || loop.now - awaited.since >= Self.lookTimeout else { return true }
        awaitedRow = nil
        return false
    }

    private func handle(_ delivery: BackplaneDelivery) {
        switch delivery {
        case .connected:
            if gate?.isCutOff == true { report(.backplane(.connectedAgain)) }
            gate?.connected()
            machine.others = .others
        case .disconnected(let reason):
            report(.backplane(.disconnected(reason: reason)))
            gate?.disconnected(at: loop.now)
            machine.others = nil
        case .returned(let number): carryOut(gate?.returned(number) ?? [])
        case .received(let message, _): carryOut([.apply(message, nil, sender: nil, credit: 0)])
        case .asked(let question, let asker): asked(question, by: asker)
        case .answered(let number, let answer): answered(number, answer)
        case .questionEnded(let number, let isComplete): questionEnded(number, isComplete: isComplete)
        case .gap: machine.noteGap()
        case .ignored(let reason): report(.backplane(.ignored(reason: reason)))
        }
    }

    /// Continues alone if the broker could not be reached for too long.
    func expireMessages(at now: ContinuousClock.Instant) {
        guard let deadline = gate?.deadline, now >= deadline else { return }
        carryOut(gate?.expire(at: now) ?? [])
        machine.noteGap()
        report(.backplane(.cutOff))
        answerClaims()
    }

    /// True if a claim concerns a session whose messages are on their way.
    func mustWaitForMessages(before claim: ClaimQueue.Entry) -> Bool {
        guard let gate, let (id, session) = machine.claimedSession(by: claim.claim) else { return false }
        return gate.mustWait(beforeClaimOf: id, of: session.owner)
    }
}

extension BackplaneMessage {
    /// The event that tells the sender that its message was applied, and returns the credit.
    fileprivate func answer(to sender: SessionKey?, credit: Int) -> HubEvent? {
        switch self {
        case .event: .emitted(sender, credit: credit)
        case .change: .carriedOut(sender, credit: credit)
        case .serverEvent: .emitted(nil, credit: credit)
        case .marker: nil
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
}
