/// The claims of one worker: some open, the others waiting until these are answered, because an answer may be large and the
/// hub has to keep it until it is taken.
package struct ClaimWindow<Claimant> {
    private let maxOpen: Int
    private var claimants: [UInt64: Claimant] = [:]
    private var lastNumber: UInt64 = 0
    private var openCount = 0
    private var waiting = Queue<Claim>()

    /// - Parameter maxOpen: how many may be on their way at the same time.
    package init(maxOpen: Int) {
        self.maxOpen = maxOpen
    }

    /// A client claims a session.
    /// - Parameter makeClaim: makes the claim with its number.
    package mutating func add(_ claimant: Claimant, _ makeClaim: (UInt64) -> Claim) {
        lastNumber += 1
        claimants[lastNumber] = claimant
        waiting.append(makeClaim(lastNumber))
    }

    /// The next claim that may go to the hub now.
    /// - Parameter isGone: whether a claimant's client is gone; nobody asks for the session then.
    package mutating func next(isGone: (Claimant) -> Bool) -> Claim? {
        while openCount < maxOpen, let claim = waiting.removeFirst() {
            if let claimant = claimants[claim.number], !isGone(claimant) {
                openCount += 1
                return claim
            }
            claimants[claim.number] = nil
        }
        return nil
    }

    /// The hub has answered the claim with this number.
    package mutating func answered(_ number: UInt64) -> Claimant? {
        openCount -= 1
        return claimants.removeValue(forKey: number)
    }

    /// No answers come any more.
    package mutating func forgetAll() {
        claimants = [:]
        waiting = Queue()
    }
}
