import Transport

/// The rates of a client's messages. Above them the server does not read from the client. It drops nothing while the
/// connection lasts.
extension Connection {
    /// The limits of this client; nil if it has none.
    var paceLimits: Pace.Limits? {
        guard let limits = worker.pace, limits.includesLocal || !session.value.isLocal else { return nil }
        return limits
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
                continue
            }
            switch decide(message, limits) {
            case .handle: handle(message)
            case .refused: break
            case .wait:
                wait(message, in: pacedInput ?? PacedInput(of: self))
                pacedInput?.noteOffered()
            }
        }
        updatePacketBytes()
    }

    /// Counts bytes as if the client had sent them.
    func charge(_ byteCount: Int) {
        guard let limits = paceLimits else { return }
        let now = worker.loop.now
        // An application may charge any number.
        let byteCount = min(byteCount, 1 << 40)
        if hasOwnRates { pace.charge(byteCount, limits, at: now) }
        guard let owner = paceOwner else { return }
        worker.assumeIsolated { $0.chargeShared(byteCount, of: owner, at: now) }
    }

    /// Continues when a connection that waits may try again.
    func continuePaced() {
        guard let pacedInput, let limits = paceLimits else { return }
        if pacedInput.isEmpty { return endPause(pacedInput, limits) }
        var hasHandled = false
        while let message = pacedInput.first, !hasEnded, !isPausedForWork {
            let decision = decide(message, limits, wasOffered: pacedInput.wasOffered)
            guard !hasEnded else { return }
            if decision == .wait {
                pacedInput.noteOffered()
                if hasHandled { moveToEndOfQueue() }
                startPaceTimer(of: pacedInput, limits)
                return updatePacketBytes()
            }
            hasHandled = true
            release(message.heldBytes)
            pacedInput.removeFirst()
            if decision == .handle { handle(message) }
        }
        updatePacketBytes()
        guard !hasEnded else { return }
        // Work that the messages cause has ended the reading for other reasons. `resumePacing` continues then, and
        // meanwhile it is the turn of others.
        if pacedInput.isEmpty { stopPacing() } else { leaveQueueForSharedRates() }
    }

    /// Gives the other connections that share the rates their turns.
    private func moveToEndOfQueue() {
        leaveQueueForSharedRates()
        queueForSharedRates()
    }

    /// The server may read from the client again, as far as work in progress is concerned.
    func resumePacing() {
        guard let pacedInput, !pacedInput.isEmpty else { return }
        if pacedInput.ticket == nil { queueForSharedRates() }
        pacedInput.startTimer(after: .zero, on: worker.loop)
    }

    /// Handles at once the messages that wait, because the client has sent them before it ended the connection. They
    /// count for the other connections that share the rates. If the rates need ten seconds to allow them, or other
    /// clients of the address wait too, the server drops and counts the messages. It acknowledges no dropped message.
    func finishPacing() {
        guard let pacedInput, let limits = paceLimits else { return }
        while let message = pacedInput.first, !hasEnded, mayFinish {
            pacedInput.removeFirst()
            takePace(message.byteCount, limits, isFree: false)
            guard handle(message) else { break }
        }
        if !pacedInput.isEmpty { drop(pacedInput) }
        stopPacing()
    }

    /// Drops messages, except that the client leaves its namespaces.
    private func drop(_ input: PacedInput) {
        let canDecode = parserInput == nil && decoder.heldBytes == 0
        var dropped = 0
        var left = sockets.count
        while let message = input.first {
            input.removeFirst()
            dropped += 1
            guard canDecode, left > 0, message.isDisconnect else { continue }
            left -= 1
            var decoder = PacketDecoder()
            guard let packet = try? decoder.receive(message), packet.type == .disconnect,
                let socket = socket(in: packet.namespace)
            else { continue }
            dropped -= 1
            deliver(packet, to: socket)
        }
        worker.assumeIsolated { $0.counters.rateDrops += dropped }
    }

    /// Counts the messages that wait as dropped, because the server ends the connection.
    func countWaitingAsDropped() {
        let count = pacedInput?.count ?? 0
        worker.assumeIsolated { $0.counters.rateDrops += count }
    }

    /// True if a message may be handled at the end of the connection, whatever the client's own rates are.
    private var mayFinish: Bool {
        let now = worker.loop.now
        if hasOwnRates, let limits = paceLimits, pace.delay(limits, at: now) >= Pace.maxDebt { return false }
        guard let owner = paceOwner else { return true }
        return worker.assumeIsolated { $0.mayFinish(owner, at: now) }
    }

    /// Ends the pause, and drops the messages that wait.
    func stopPacing() {
        guard let pacedInput else { return }
        pacedInput.removeAll(on: worker.loop)
        leaveQueueForSharedRates()
        self.pacedInput = nil
        resume(.rate)
    }

    /// What becomes of a message.
    private enum Decision {
        /// The rates allow it, and it is counted.
        case handle
        /// It is over the rates, and the application has refused it or has closed the connection.
        case refused
        /// It is over the rates, and waits.
        case wait
    }

    /// Asks the rates, and for a message above them the application. Counts a message that the rates allow.
    /// - Parameter wasOffered: true if the message waits although the application could have refused it.
    private func decide(_ message: ClientMessage, _ limits: Pace.Limits, wasOffered: Bool = false) -> Decision {
        let isFree = self.isFree(message)
        let delay = paceDelay(limits, isFree: isFree)
        guard delay == .zero else {
            let isRefused = !wasOffered && refuses(message, retryAfter: delay)
            // The application may have closed the connection.
            return isRefused || hasEnded ? .refused : .wait
        }
        hasSent = true
        hasRefused = false
        takePace(message.byteCount, limits, isFree: isFree)
        if !isFree { freePackets = Self.maxFreePackets }
        return .handle
    }

    private func wait(_ message: ClientMessage, in input: PacedInput) {
        if pacedInput == nil, let limits = paceLimits { beginPacing(input, limits) }
        input.append(message)
        hold(message.heldBytes)
    }

    /// - Parameter delay: the least time for which to wait.
    func beginPacing(_ input: PacedInput, _ limits: Pace.Limits, after delay: Duration = .zero) {
        pacedInput = input
        worker.assumeIsolated { $0.counters.ratePauses += 1 }
        queueForSharedRates()
        startPaceTimer(of: input, limits, after: delay)
        pause(.rate)
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
    /// True for a packet of a client that leaves a namespace, in the default form.
    var isDisconnect: Bool {
        if case .text(let bytes) = self { bytes.starts(with: "41".utf8) } else { false }
    }

    /// The memory that a waiting message takes, in bytes: a small one takes more than its own size.
    var heldBytes: Int { byteCount + 64 }

    /// The size in bytes.
    var byteCount: Int {
        switch self {
        case .text(let bytes), .binary(let bytes): bytes.count
        }
    }
}
