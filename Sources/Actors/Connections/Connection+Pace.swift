import Transport

/// The rates of a client's messages. Above them the server does not read from the client, and drops nothing.
extension Connection {
    /// The limits of this client; nil if it has none.
    private var paceLimits: Pace.Limits? {
        guard let limits = worker.pace, limits.includesLocal || !session.value.isLocal else { return nil }
        return limits
    }

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
        pace.charge(byteCount, limits, at: worker.loop.now)
    }

    /// Continues with the messages that have waited.
    func continuePaced() {
        guard let pacedInput, let limits = paceLimits else { return }
        while let message = pacedInput.first, !hasEnded {
            guard handle(message, within: limits) else {
                pacedInput.startTimer(after: pace.delay(limits, at: worker.loop.now), on: worker.loop)
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
        resume(.rate)
    }

    /// - Returns: false if the message must wait.
    private func handle(_ message: ClientMessage, within limits: Pace.Limits) -> Bool {
        let now = worker.loop.now
        let delay = pace.delay(limits, at: now)
        guard delay == .zero else { return refuses(message, retryAfter: delay) }
        hasRefused = false
        pace.take(message.byteCount, limits, at: now)
        handle(message)
        return true
    }

    private func wait(_ message: ClientMessage, in input: PacedInput) {
        if pacedInput == nil, let limits = paceLimits {
            pacedInput = input
            worker.assumeIsolated { $0.counters.ratePauses += 1 }
            input.startTimer(after: pace.delay(limits, at: worker.loop.now), on: worker.loop)
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
