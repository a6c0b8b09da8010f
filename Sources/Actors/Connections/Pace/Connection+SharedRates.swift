import Transport

/// The rates that a connection shares with others, beside its own.
extension Connection {
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
        let own = pace.delay(limits, at: worker.loop.now)
        endSharedRates()
        shareRates(of: .identity(identity.id))
        guard let pacedInput else { return }
        // Its messages wait for the other rates now. A pause after packets without a message lasts as long as its own
        // rate says.
        pacedInput.awaitsTurn = false
        pacedInput.stopTimer(on: worker.loop)
        startPaceTimer(of: pacedInput, limits, after: pacedInput.isEmpty ? own : .zero)
    }

    private func shareRates(of owner: PaceOwner) {
        guard worker.assumeIsolated({ $0.sharedPaces.begin(owner, at: worker.loop.now) }) else { return }
        paceOwner = owner
        queueForSharedRates()
    }

    /// The connection ends, or shares the rates of another owner from now on. Call it once for each owner.
    func endSharedRates() {
        guard let owner = paceOwner else { return }
        leaveQueueForSharedRates()
        worker.assumeIsolated { $0.sharedPaces.end(owner, at: worker.loop.now) }
    }

    /// True unless all rates are those of the client's identity.
    var hasOwnRates: Bool { paceOwner?.isIdentity != true }

    /// - Parameter isFree: true if the message does not wait for the others of the address.
    func paceDelay(_ limits: Pace.Limits, isFree: Bool) -> Duration {
        let now = worker.loop.now
        let own = hasOwnRates ? pace.delay(limits, at: now) : .zero
        guard let owner = paceOwner, !isFree else { return own }
        return max(own, worker.assumeIsolated { $0.sharedDelay(of: owner, at: now) })
    }

    func takePace(_ byteCount: Int, _ limits: Pace.Limits, isFree: Bool) {
        let now = worker.loop.now
        if hasOwnRates { pace.take(byteCount, limits, at: now) }
        guard let owner = paceOwner else { return }
        worker.assumeIsolated { $0.takeShared(byteCount, of: owner, makesDebt: !isFree, at: now) }
    }

    /// True for the first message of a connection, which tells who the client is. A message that is too
    /// large for that waits like any other.
    func isFree(_ message: ClientMessage) -> Bool {
        !hasSent && message.byteCount <= worker.options.maxAuth + Self.maxNamespaceName
    }

    /// The bytes of a CONNECT besides its `auth`.
    private static let maxNamespaceName = 1024

    func startPaceTimer(of input: PacedInput, _ limits: Pace.Limits, after delay: Duration = .zero) {
        let now = worker.loop.now
        let own = hasOwnRates ? pace.delay(limits, at: now) : .zero
        let ticket = input.ticket
        let shared = paceOwner.map { owner in worker.assumeIsolated { $0.nextSharedTry(of: owner, ticket, at: now) } }
        input.startTimer(after: max(delay, own, shared ?? .zero), on: worker.loop)
    }

    /// Waits behind the other connections that share the rates, if it waits.
    func queueForSharedRates() {
        guard let pacedInput, let owner = paceOwner else { return }
        pacedInput.ticket = worker.assumeIsolated { $0.sharedPaces.beginWaiting(for: owner) }
    }

    func leaveQueueForSharedRates() {
        guard let pacedInput, let ticket = pacedInput.ticket, let owner = paceOwner else { return }
        pacedInput.ticket = nil
        worker.assumeIsolated { $0.sharedPaces.endWaiting(ticket, for: owner) }
    }
}
