/// The claims of one worker: some open, the others waiting until these are answered, because an answer may be large and the
/// hub has to keep it until it is taken.
struct ClaimWindow {
    /// Who claims a session.
    struct Claimant {
        let namespace: String
        let connection: Connection

        /// Nobody asks for the session any more.
        var isGone: Bool { connection.assumeIsolated { $0.isOver } }
    }

    private let maxOpen: Int
    private var claimants: [UInt64: Claimant] = [:]
    private var lastNumber: UInt64 = 0
    private var openCount = 0
    private var waiting = Queue<Claim>()

    /// - Parameter maxOpen: how many may be on their way at the same time.
    init(maxOpen: Int) {
        self.maxOpen = maxOpen
    }

    /// A client claims a session.
    /// - Parameter makeClaim: makes the claim with its number.
    mutating func add(_ claimant: Claimant, _ makeClaim: (UInt64) -> Claim) {
        lastNumber += 1
        claimants[lastNumber] = claimant
        waiting.append(makeClaim(lastNumber))
    }

    /// The next claim that may go to the hub now.
    mutating func next() -> Claim? {
        while openCount < maxOpen, let claim = waiting.removeFirst() {
            if let claimant = claimants[claim.number], !claimant.isGone {
                openCount += 1
                return claim
            }
            claimants[claim.number] = nil
        }
        return nil
    }

    /// The hub has answered the claim with this number.
    mutating func answered(_ number: UInt64) -> Claimant? {
        openCount -= 1
        return claimants.removeValue(forKey: number)
    }

    /// No answers come any more.
    mutating func forgetAll() {
        claimants = [:]
        waiting = Queue()
    }
}
