import Transport

/// The rates that connections of a worker share.
extension Worker {
    /// The limits of the clients of one address that are not identified; nil without limits.
    nonisolated var addressPace: Pace.Limits? {
        options.addressLimits.rateFactor.flatMap { pace?.multiplied(by: max(1, $0)) }
    }

    /// - Returns: nil without limits.
    nonisolated func paceLimits(of owner: PaceOwner) -> Pace.Limits? {
        switch owner {
        case .identity: pace
        case .address: addressPace
        }
    }

    /// The time until an owner may send the next message.
    func sharedDelay(of owner: PaceOwner, at now: ContinuousClock.Instant) -> Duration {
        paceLimits(of: owner).map { sharedPaces.delay(of: owner, $0, at: now) } ?? .zero
    }

    /// Counts a message of an owner.
    /// - Parameter makesDebt: false for a message that has not waited, so that it makes nobody wait.
    func takeShared(_ byteCount: Int, of owner: PaceOwner, makesDebt: Bool, at now: ContinuousClock.Instant) {
        guard var limits = paceLimits(of: owner) else { return }
        if !makesDebt {
            guard sharedPaces.delay(of: owner, limits, at: now) == .zero else { return }
            limits.maxDebt = .zero
        }
        sharedPaces.take(byteCount, of: owner, limits, isReported: makesDebt, at: now)
    }

    /// Counts bytes that are not a message.
    func chargeShared(_ byteCount: Int, of owner: PaceOwner, at now: ContinuousClock.Instant) {
        guard let limits = paceLimits(of: owner) else { return }
        sharedPaces.charge(byteCount, of: owner, limits, at: now)
    }

    /// Counts packets without a message.
    /// - Parameter makesDebt: false for packets that make nobody wait.
    func chargeShared(otherPackets cost: Int, makesDebt: Bool, of owner: PaceOwner, at now: ContinuousClock.Instant) {
        guard let limits = paceLimits(of: owner) else { return }
        sharedPaces.charge(otherPackets: cost, makesDebt: makesDebt, of: owner, limits, at: now)
    }

    /// A connection that has waited for its turn goes on.
    func takeTurn(of owner: PaceOwner, at now: ContinuousClock.Instant) {
        guard let limits = paceLimits(of: owner) else { return }
        sharedPaces.chargeDeferred(of: owner, limits, at: now)
    }

    /// The time until an owner's client may get a page of the history.
    func historyDelay(of owner: PaceOwner, isUrgent: Bool, at now: ContinuousClock.Instant) -> Duration {
        paceLimits(of: owner).map { sharedPaces.historyDelay(of: owner, isUrgent: isUrgent, $0, at: now) } ?? .zero
    }

    /// Counts what an owner's client gets of the history.
    func chargeHistory(_ byteCount: Int, isUrgent: Bool, of owner: PaceOwner, at now: ContinuousClock.Instant) {
        guard let limits = paceLimits(of: owner) else { return }
        sharedPaces.chargeHistory(byteCount, isUrgent: isUrgent, of: owner, limits, at: now)
    }

    /// True if the messages of a connection that ends may be handled before it is the owner's turn.
    func mayFinish(_ owner: PaceOwner, at now: ContinuousClock.Instant) -> Bool {
        guard let limits = paceLimits(of: owner) else { return true }
        let delay = sharedPaces.delay(of: owner, limits, at: now)
        if delay == .zero { return true }
        return delay < Pace.maxDebt && (owner.isIdentity || !sharedPaces.severalWait(of: owner))
    }

    /// The time after which a connection that waits should try again; zero if the owner has nothing to wait for.
    /// - Parameter ticket: the number by which the connection waits.
    func nextSharedTry(of owner: PaceOwner, _ ticket: UInt64?, at now: ContinuousClock.Instant) -> Duration {
        guard let limits = paceLimits(of: owner), sharedPaces.delay(of: owner, limits, at: now) > .zero else {
            return .zero
        }
        return sharedPaces.nextTry(of: owner, ticket, limits, at: now)
    }
}
