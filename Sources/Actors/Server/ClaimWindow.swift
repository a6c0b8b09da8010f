/// Limits the number of claims that one worker has open at the hub, because an answer may be large and the hub keeps it
/// until the worker has read it. Further claims wait until an open one is answered. One that waits for other servers
/// does not count, so that clients of this server do not wait with it; the hub limits those.
struct ClaimWindow {
    /// The connection that claims a session.
    struct Claimant {
        let namespace: String
        let connection: Connection

        /// True if the connection has ended.
        var isGone: Bool { connection.assumeIsolated { $0.hasEnded } }
    }

    private let maxOpen: Int
    private var claimants: [UInt64: Claimant] = [:]
    private var lastNumber: UInt64 = 0
    private var openCount = 0
    /// The numbers of the claims that wait for other servers.
    private var delayed: Set<UInt64> = []
    private var waiting = Queue<Claim>()

    /// - Parameter maxOpen: The maximum number of open claims.
    init(maxOpen: Int) {
        self.maxOpen = maxOpen
    }

    /// Adds a claim to the queue.
    /// - Parameters:
    ///   - claimant: The connection that claims a session.
    ///   - makeClaim: Creates the claim from its number.
    mutating func add(_ claimant: Claimant, _ makeClaim: (UInt64) -> Claim) {
        lastNumber += 1
        claimants[lastNumber] = claimant
        waiting.append(makeClaim(lastNumber))
    }

    /// Opens the next claim and returns it; nil if the window is full or no claim waits. Drops the claims of ended
    /// connections.
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

    /// Closes the claim with this number after the hub's answer.
    /// - Returns: The claimant; nil if no open claim has this number.
    mutating func answered(_ number: UInt64) -> Claimant? {
        if delayed.remove(number) == nil { openCount -= 1 }
        return claimants.removeValue(forKey: number)
    }

    /// Lets the next claim take the place of one that waits for other servers.
    mutating func delayed(_ number: UInt64) {
        if claimants[number] != nil, delayed.insert(number).inserted { openCount -= 1 }
    }

    /// Drops all claims when no more answers can arrive.
    mutating func removeAll() {
        claimants = [:]
        waiting = Queue()
    }
}
