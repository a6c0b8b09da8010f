import Transport

/// Frames and packets that carry no message for the application, such as pings and pongs. They are handled when they
/// are read, so the client pays for them afterwards: the server reads no more from it until its rates allow them.
extension Connection {
    /// Counts packets without a message.
    /// - Parameter byteCount: their size, as far as it is not bounded.
    func receive(otherPackets count: Int, byteCount: Int) {
        guard let limits = paceLimits, !hasEnded else { return }
        let now = worker.loop.now
        let cost = count * Self.otherPacketCost + byteCount
        // The heartbeat is suspended while the client waits, so they make no long debt. A longer one that messages have
        // made stays.
        if pace.delay(limits, at: now) < Pace.maxDebt {
            var bounded = limits
            bounded.maxDebt = Pace.maxDebt
            pace.charge(cost, bounded, at: now)
        }
        let isShared = paceOwner != nil && !areFree(count, byteCount)
        if let owner = paceOwner {
            worker.assumeIsolated { $0.chargeShared(otherPackets: cost, makesDebt: isShared, of: owner, at: now) }
        }
        let shared = isShared ? delayOfSharedRates : .zero
        // The shared rates allow a message, so this counts as a turn.
        if isShared, shared == .zero { freePackets = Self.maxFreePackets }
        let delay = max(pace.delay(limits, at: now), shared)
        guard delay > .zero else { return }
        guard let pacedInput else {
            let input = PacedInput(of: self)
            input.awaitsTurn = shared > .zero
            return beginPacing(input, limits, after: delay)
        }
        // A waiting message asks for the rates itself. Without one, the end of the pause has become later.
        guard pacedInput.isEmpty else { return }
        if shared > .zero { pacedInput.awaitsTurn = true }
        pacedInput.stopTimer(on: worker.loop)
        startPaceTimer(of: pacedInput, limits, after: delay)
    }

    /// What a packet without a message counts for in addition to its size, in bytes.
    private static let otherPacketCost = 64

    /// True if the packets do not wait for the others that share the rates, so that those do not hold up the pong of a
    /// quiet client. They count as far as the shared rates allow them, and make no debt.
    private func areFree(_ count: Int, _ byteCount: Int) -> Bool {
        guard count <= freePackets, byteCount <= count * Self.maxFreeSize else { return false }
        freePackets -= UInt8(count)
        return true
    }

    /// How many small packets are free until the client waits for its turn.
    static let maxFreePackets: UInt8 = 16
    /// The size of a small packet in bytes: that of a control frame (RFC 6455, section 5.5).
    private static let maxFreeSize = 125

    /// Ends a pause without waiting messages, unless it is not the client's turn yet.
    func endPause(_ input: PacedInput, _ limits: Pace.Limits) {
        if input.awaitsTurn {
            guard delayOfSharedRates == .zero else { return startPaceTimer(of: input, limits) }
            freePackets = Self.maxFreePackets
            if let owner = paceOwner { worker.assumeIsolated { $0.takeTurn(of: owner, at: worker.loop.now) } }
        }
        stopPacing()
    }

    /// The time until the rates that the connection shares allow a message.
    private var delayOfSharedRates: Duration {
        guard let owner = paceOwner else { return .zero }
        return worker.assumeIsolated { $0.sharedDelay(of: owner, at: worker.loop.now) }
    }
}
