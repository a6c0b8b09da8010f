import Actors

/// The owners whose links have to be drained before claims of their sessions are answered, and cannot be drained within
/// a call.
///
/// A drain covers the claims that had arrived when it began: after it, the hub has handled everything that the owner
/// wrote before those clients moved.
struct OwnerDrains {
    /// What a claim has to wait for.
    enum State {
        /// Nothing: an earlier drain covers the claim.
        case covered
        /// A drain that has begun.
        case running
        /// Nothing: the drain was carried out just now.
        case carriedOut
    }

    private struct Drain {
        /// The number of the latest claim that it covers.
        let lastClaim: UInt64
        var isDone = false
    }

    private var drains: [Incarnation: Drain] = [:]

    /// True if a finished drain of the owner's link covers the claim with this number.
    func cover(_ claim: UInt64, of owner: Incarnation) -> Bool {
        drains[owner].map { $0.isDone && claim <= $0.lastClaim } ?? false
    }

    func isRunning(of owner: Incarnation) -> Bool {
        drains[owner].map { !$0.isDone } ?? false
    }

    /// - Parameter lastClaim: the number of the latest claim that has arrived.
    mutating func begin(of owner: Incarnation, lastClaim: UInt64) {
        drains[owner] = Drain(lastClaim: lastClaim)
    }

    mutating func finish(of owner: Incarnation) {
        drains[owner]?.isDone = true
    }

    /// Forgets an owner that was detached.
    mutating func remove(_ owner: Incarnation) {
        drains[owner] = nil
    }
}
