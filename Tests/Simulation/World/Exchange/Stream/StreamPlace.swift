import Cluster

/// How far a host has read the stream of its broker, and what it has not added yet.
struct StreamPlace {
    /// A question that has arrived before the entries which its asker had added before.
    struct HeldQuestion {
        let question: BackplaneQuestion
        let asker: BackplaneAsker
        let after: EntryID
        /// The time at which it waits no longer, since the start of the run.
        let deadline: Duration
    }

    /// The last entry that was read; nil before the first connection.
    var last: EntryID? {
        didSet { if first == nil, let last, last > .zero { first = last } }
    }
    /// The first of these; nil before the first entry.
    private(set) var first: EntryID?
    /// The run of the server that has it.
    var run = 0
    /// The entries of other hosts that were removed before this host has read them.
    var missed: [SimulatedStream.Entry] = []
    /// True if entries were removed before this host has read them, its own too.
    var mayMiss = false
    /// The messages that the server has not confirmed, in order.
    var unconfirmed: [BrokerItem] = []
    var held: [HeldQuestion] = []

    /// An entry was removed.
    mutating func removed(_ entry: SimulatedStream.Entry, at node: String) -> Bool {
        guard let last, entry.id > last else { return false }
        mayMiss = true
        if entry.node != node { missed.append(entry) }
        return true
    }

    /// The server has a message.
    mutating func confirmed(_ number: UInt64) {
        guard case .message(let first, _, _)? = unconfirmed.first, first.number == number else { return }
        unconfirmed.removeFirst()
    }

    /// Takes the questions that wait no longer.
    mutating func takeReady(at now: Duration) -> [HeldQuestion] {
        let isReady = { [last] (held: HeldQuestion) in now >= held.deadline || last.map { held.after <= $0 } ?? true }
        let ready = held.filter(isReady)
        held.removeAll(where: isReady)
        return ready
    }
}
