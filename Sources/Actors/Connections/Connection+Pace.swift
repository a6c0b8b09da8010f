import Transport

/// The rates of a client's messages. Above them the server does not read from the client, and drops nothing.
extension Connection {
    /// The limits of this client; nil if it has none.
    private var paceLimits: Pace.Limits? {
        guard let limits = worker.pace, limits.includesLocal || !session.value.isLocal else { return nil }
        return limits
    }

    // MARK: The rates of an identity

    /// From now on, the connection shares the rates of its client's identity. If a client has several in different
    /// namespaces, the first one counts.
    func shareRates(of identity: ClientIdentity) {
        guard pacedIdentity == nil, paceLimits != nil, !hasEnded else { return }
        pacedIdentity = identity.id
        let isWaiting = pacedInput != nil
        worker.assumeIsolated {
            $0.identityPaces.begin(identity.id, at: worker.loop.now)
            if isWaiting { $0.identityPaces.setWaiting(true, of: identity.id) }
        }
    }

    func leaveSharedRates() {
        guard let id = pacedIdentity else { return }
        pacedIdentity = nil
        worker.assumeIsolated { $0.identityPaces.end(id, at: worker.loop.now) }
    }

    private func paceDelay(_ limits: Pace.Limits) -> Duration {
        let now = worker.loop.now
        guard let id = pacedIdentity else { return pace.delay(limits, at: now) }
        return worker.assumeIsolated { $0.identityPaces.delay(of: id, limits, at: now) }
    }

    private func takePace(_ byteCount: Int, _ limits: Pace.Limits) {
        let now = worker.loop.now
        guard let id = pacedIdentity else { return pace.take(byteCount, limits, at: now) }
        worker.assumeIsolated { $0.identityPaces.take(byteCount, of: id, limits, at: now) }
    }

    private func startPaceTimer(of input: PacedInput, _ limits: Pace.Limits) {
        let now = worker.loop.now
        let delay =
            if let id = pacedIdentity {
                worker.assumeIsolated { $0.identityPaces.nextTry(of: id, limits, at: now) }
            } else { pace.delay(limits, at: now) }
        input.startTimer(after: delay, on: worker.loop)
    }

    private func setWaiting(_ isWaiting: Bool) {
        guard let id = pacedIdentity else { return }
        worker.assumeIsolated { $0.identityPaces.setWaiting(isWaiting, of: id) }
    }

    // MARK: Messages

    /// Handles messages as far as the client's rates allow, and keeps the others.
    func receive(_ messages: [ClientMessage]) {
        guard let limits = paceLimits else {
            for message in messages where !hasEnded { handle(message) }
            return updatePacketBytes()
        }
        for message in messages where !hasEnded {
            if let pacedInput, !pacedInput.isEmpty {
                wait(message, in: pacedInput)
            } else if !handle(message, within: limits) {
                wait(message, in: pacedInput ?? PacedInput(of: self))
            }
        }
        updatePacketBytes()
    }

    /// Counts bytes as if the client had sent them.
    func charge(_ byteCount: Int) {
        guard let limits = paceLimits, !hasEnded else { return }
        let now = worker.loop.now
        guard let id = pacedIdentity else { return pace.charge(byteCount, limits, at: now) }
        worker.assumeIsolated { $0.identityPaces.charge(byteCount, of: id, limits, at: now) }
    }

    /// Continues with the messages that have waited.
    func continuePaced() {
        guard let pacedInput, let limits = paceLimits else { return }
        while let message = pacedInput.first, !hasEnded {
            guard handle(message, within: limits) else {
                startPaceTimer(of: pacedInput, limits)
                return updatePacketBytes()
            }
            release(message.heldBytes)
            pacedInput.removeFirst()
        }
        updatePacketBytes()
        if !hasEnded { stopPacing() }
    }

    /// Handles the messages that wait without regard to the rates, because the client has sent them before it ended the
    /// connection. They are no more than one read has brought.
    func finishPacing() {
        guard let pacedInput else { return }
        while let message = pacedInput.first, !hasEnded {
            pacedInput.removeFirst()
            handle(message)
        }
        stopPacing()
    }

    /// Drops the messages that wait.
    func stopPacing() {
        guard let pacedInput else { return }
        pacedInput.removeAll(on: worker.loop)
        self.pacedInput = nil
        setWaiting(false)
        resume(.rate)
    }

    /// - Returns: false if the message must wait.
    private func handle(_ message: ClientMessage, within limits: Pace.Limits) -> Bool {
        let delay = paceDelay(limits)
        guard delay == .zero else { return refuses(message, retryAfter: delay) }
        hasRefused = false
        takePace(message.byteCount, limits)
        handle(message)
        return true
    }

    private func wait(_ message: ClientMessage, in input: PacedInput) {
        if pacedInput == nil, let limits = paceLimits {
            pacedInput = input
            worker.assumeIsolated { $0.counters.ratePauses += 1 }
            setWaiting(true)
            startPaceTimer(of: input, limits)
            pause(.rate)
        }
        input.append(message)
        hold(message.heldBytes)
    }

    /// Offers an event over the rate to the application's handler of such events: one event between two messages within
    /// the rate, so that a flood of refusals costs no more than the messages do.
    /// - Returns: true if the handler has refused the event.
    private func refuses(_ message: ClientMessage, retryAfter delay: Duration) -> Bool {
        guard !hasRefused, case .text = message, decoder.heldBytes == 0, parserInput == nil else { return false }
        // A decoder of its own, so that the message can be decoded again if it waits.
        var decoder = PacketDecoder()
        guard let packet = try? decoder.receive(message), packet.type == .event,
            let socket = socket(in: packet.namespace)
        else { return false }
        hasRefused = socket.assumeIsolated { $0.refusesExcess(packet, retryAfter: delay) }
        if hasRefused { worker.assumeIsolated { $0.counters.rateRefusals += 1 } }
        return hasRefused
    }
}

extension ClientMessage {
    /// The memory that a waiting message takes, in bytes: a small one takes more than its own size.
    var heldBytes: Int { byteCount + 64 }

    /// The size in bytes.
    var byteCount: Int {
        switch self {
        case .text(let bytes), .binary(let bytes): bytes.count
        }
    }
}
