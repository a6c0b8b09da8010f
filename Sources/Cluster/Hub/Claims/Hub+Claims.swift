import Actors

/// Answering claims.
extension Hub {
    /// Answers the claims whose owners' links are drained; the others wait. Draining a link may call
    /// ``receive(_:from:)`` again; the outermost call also answers the claims found that way.
    func answerClaims() {
        guard !isAnsweringClaims, claimHolds == 0 else { return }
        isAnsweringClaims = true
        while let number = nextClaim() {
            if passOn(number) { continue }
            var output = HubStateMachine.Output()
            let store = store
            machine.answerClaim(number, rowLimit: { store?.rowLimit(ofEpoch: $0) }, into: &output)
            if let observer {
                for (incarnation, events) in output.events {
                    for case .claimed(let claim, let answer) in events {
                        observer.answered(answer, to: claim, of: incarnation, at: loop.now)
                    }
                }
            }
            send(output)
            if let id = output.contestedSession { report(.contestedSession(id)) }
        }
        isAnsweringClaims = false
        publishHostMessages()
        gatherChanges()
    }

    /// The oldest claim that can be answered now. An owner whose link cannot be drained within a call delays the claims
    /// of its own sessions only. The claims of one session keep their order.
    /// - Parameter drained: the owner whose link was drained just before.
    private func nextClaim(afterDraining drained: Incarnation? = nil) -> UInt64? {
        var waiting = leaving.ids
        for entry in machine.claims.entries {
            if mustLook(before: entry) || mustRead(before: entry)
                || mustWaitForMessages(before: entry)
            {
                if let (id, _) = machine.claimedSession(by: entry.claim) { waiting.insert(id) }
                continue
            }
            guard let (id, session) = machine.claimedSession(by: entry.claim) else { return entry.number }
            if waiting.contains(id) || claimChecks.ids.contains(id) { continue }
            if entry.question != nil, leaving.isFull {
                waiting.insert(id)
                continue
            }
            guard let owner = machine.ownerToDrain(before: entry, of: session), owner != drained,
                claimWaits[entry.number]?.isDrained != true
            else { return entry.number }
            switch drain(owner, before: entry.number) {
            case .covered: return entry.number
            case .running: waiting.insert(id)
            // The owner's requests may have changed the sessions, and may have dropped or added claims.
            case .carriedOut: return nextClaim(afterDraining: owner)
            }
        }
        return nil
    }

    /// Drains the link of the owner of a claimed session. If that cannot be done within this call, ``drained(_:)`` or
    /// ``detach(_:)`` continues to answer claims.
    private func drain(_ owner: Incarnation, before claim: UInt64) -> OwnerDrains.State {
        guard let link = links[owner], !drains.cover(claim, of: owner) else { return .covered }
        guard !drains.isRunning(of: owner) else { return .running }
        drains.begin(of: owner, lastClaim: machine.claims.lastNumber)
        guard link.drain() else { return .running }
        drains.remove(owner)
        wasDrained(owner, before: machine.claims.entries)
        return .carriedOut
    }

    /// Continues to answer claims after the drain of a link.
    func drained(_ incarnation: Incarnation) {
        drains.finish(of: incarnation)
        wasDrained(incarnation, before: machine.claims.entries.filter { drains.cover($0.number, of: incarnation) })
        answerClaims()
    }
}
