import Transport

/// The rates of a client's messages. Above them the server does not read from the client. It drops nothing of a client
/// that stays.
extension Connection {
    /// The limits of this client; nil if it has none.
    var paceLimits: Pace.Limits? {
        guard let limits = worker.pace, limits.includesLocal || !session.value.isLocal else { return nil }
        return limits
    }

    // MARK: Shared rates

    /// Until it is known who the client is, the connection has rates of its own, and shares those of its address.
    func shareRatesOfAddress() {
        guard worker.addressPace != nil, paceLimits != nil,
            let group = AddressGroup(ofPeer: session.value.peer, except: worker.options.trustedProxies)
        else { return }
        shareRates(of: .address(group))
    }

    /// From now on, the connection shares the rates of its client's identity, and no others count. If a client has
    /// several in different namespaces, the first one counts.
    func shareRates(of identity: ClientIdentity) {
        guard hasOwnRates, let limits = paceLimits, !hasEnded else { return }
        leaveSharedRates()
        shareRates(of: .identity(identity.id))
        guard let pacedInput else { return }
        // It waits for the other rates.
        pacedInput.stopTimer(on: worker.loop)
        startPaceTimer(of: pacedInput, limits)
    }

    private func shareRates(of owner: PaceOwner) {
        let isWaiting = pacedInput != nil
        let shares = worker.assumeIsolated {
            guard $0.sharedPaces.begin(owner, at: worker.loop.now) else { return false }
            if isWaiting { $0.sharedPaces.setWaiting(true, of: owner) }
            return true
        }
        if shares { paceOwner = owner }
    }

    func leaveSharedRates() {
        guard let owner = paceOwner else { return }
        setWaiting(false, if: pacedInput != nil)
        paceOwner = nil
        formerPaceOwner = owner
        worker.assumeIsolated { $0.sharedPaces.end(owner, at: worker.loop.now) }
    }

    /// Whose rates count work that is done for the client, also after it has gone; nil if it shares none.
    var chargedOwner: PaceOwner? { paceOwner ?? (hasEnded ? formerPaceOwner : nil) }

    /// True unless all rates are those of the client's identity.
    private var hasOwnRates: Bool { paceOwner?.isIdentity != true }

    /// - Parameter isFree: true if the message does not wait for the others of the address.
    private func paceDelay(_ limits: Pace.Limits, isFree: Bool) -> Duration {
        let now = worker.loop.now
        let own = hasOwnRates ? pace.delay(limits, at: now) : .zero
        guard let owner = paceOwner, !isFree else { return own }
        return max(own, worker.assumeIsolated { $0.sharedDelay(of: owner, at: now) })
    }

    private func takePace(_ byteCount: Int, _ limits: Pace.Limits, isFree: Bool) {
        let now = worker.loop.now
        if hasOwnRates { pace.take(byteCount, limits, at: now) }
        guard let owner = paceOwner else { return }
        worker.assumeIsolated { $0.takeShared(byteCount, of: owner, makesDebt: !isFree, at: now) }
    }

    /// True for the first message of a connection, which tells who the client is. A message that is too
    /// large for that waits like any other.
    private func isFree(_ message: ClientMessage) -> Bool {
        !hasSent && message.byteCount <= worker.options.maxAuth + Self.maxNamespaceName
    }

    /// The bytes of a CONNECT besides its `auth`.
    private static let maxNamespaceName = 1024

    private func startPaceTimer(of input: PacedInput, _ limits: Pace.Limits, after delay: Duration = .zero) {
        let now = worker.loop.now
        let own = hasOwnRates ? pace.delay(limits, at: now) : .zero
        let shared = paceOwner.map { owner in worker.assumeIsolated { $0.nextSharedTry(of: owner, at: now) } }
        input.startTimer(after: max(delay, own, shared ?? .zero), on: worker.loop)
    }

    private func setWaiting(_ isWaiting: Bool, if hasChanged: Bool = true) {
        guard hasChanged, let owner = paceOwner else { return }
        worker.assumeIsolated { $0.sharedPaces.setWaiting(isWaiting, of: owner) }
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
        guard let limits = paceLimits else { return }
        let now = worker.loop.now
        // An application may charge any number.
        let byteCount = min(byteCount, 1 << 40)
        if hasOwnRates { pace.charge(byteCount, limits, at: now) }
        guard let owner = chargedOwner else { return }
        worker.assumeIsolated { $0.chargeShared(byteCount, of: owner, at: now) }
    }

    /// Counts frames and packets that carry no message, such as pings. They are handled already, so if they exceed the
    /// rate, the server reads no more until it allows them. The pong of a quiet client does not wait for others that
    /// share its rates.
    func receive(otherPackets count: Int) {
        guard let limits = paceLimits, !hasEnded else { return }
        let now = worker.loop.now
        let cost = count * Self.otherPacketCost
        // The heartbeat is suspended until the debt is paid, so they make no long one. A longer one of messages stays.
        if pace.delay(limits, at: now) < Pace.maxDebt {
            var bounded = limits
            bounded.maxDebt = Pace.maxDebt
            pace.charge(cost, bounded, at: now)
        }
        if let owner = paceOwner { worker.assumeIsolated { $0.chargeShared(cost, of: owner, at: now) } }
        let isMany = count >= Self.manyOtherPackets
        let delay = max(pace.delay(limits, at: now), isMany ? paceDelay(limits, isFree: false) : .zero)
        guard pacedInput == nil, delay > .zero else { return }
        beginPacing(PacedInput(of: self), limits, after: delay)
    }

    /// What a packet without a message counts for, in bytes. Its work does not depend on its size.
    private static let otherPacketCost = 64
    /// A client that keeps to the protocol does not send as many at once.
    private static let manyOtherPackets = 16

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

    /// True if a message may be handled at the end of the connection, whatever the client's own rates are.
    private var mayFinish: Bool {
        let now = worker.loop.now
        if hasOwnRates, let limits = paceLimits, pace.delay(limits, at: now) >= Pace.maxDebt { return false }
        guard let owner = paceOwner else { return true }
        return worker.assumeIsolated { $0.mayFinish(owner, at: now) }
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
        let isFree = self.isFree(message)
        let delay = paceDelay(limits, isFree: isFree)
        guard delay == .zero else { return refuses(message, retryAfter: delay) }
        hasSent = true
        hasRefused = false
        takePace(message.byteCount, limits, isFree: isFree)
        handle(message)
        return true
    }

    private func wait(_ message: ClientMessage, in input: PacedInput) {
        if pacedInput == nil, let limits = paceLimits { beginPacing(input, limits) }
        input.append(message)
        hold(message.heldBytes)
    }

    /// - Parameter delay: the least time for which to wait.
    private func beginPacing(_ input: PacedInput, _ limits: Pace.Limits, after delay: Duration = .zero) {
        pacedInput = input
        worker.assumeIsolated { $0.counters.ratePauses += 1 }
        setWaiting(true)
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
