import Actors

/// The open questions of this host to others, and those of others to this one.
struct HostQuestions {
    /// A question of this host.
    enum Open {
        case fetch(PendingFetch)
        /// The hub's number of the inquiry.
        case inquiry(UInt64)
    }

    /// A fetch that waits for the sockets of other hosts.
    struct PendingFetch {
        let fetch: SocketFetch
        let sender: SessionKey?
        let incarnation: Incarnation
        let credit: Int
        /// When the hub stops to wait. The worker can make a few fetches at a time.
        let deadline: ContinuousClock.Instant
        var sockets: [FetchedSocket]
        /// The size of the sockets in bytes, and their number, also of those that were dropped because they are too
        /// many.
        var byteCount: Int
        var count: Int

        /// The answer for the worker.
        var answer: FetchAnswer {
            byteCount <= fetch.maxBytes ? .sockets(sockets.sorted { $0.id < $1.id }) : .tooLarge(count: count)
        }

        /// Adds the sockets of a host.
        mutating func add(_ found: [FetchedSocket]) {
            count += found.count
            byteCount += found.reduce(0) { $0 + $1.byteCount }
            if byteCount <= fetch.maxBytes { sockets += found } else { sockets = [] }
        }
    }

    private var open: [UInt64: Open] = [:]
    private var lastNumber: UInt64 = 0
    /// The questions of other hosts that clients or handlers have not all answered, by the number of their inquiry.
    private var asked: [UInt64: Asked] = [:]

    /// A question of another host to this host's clients or handlers.
    struct Asked: Equatable {
        let asker: BackplaneAsker
        /// True if one handler's result is the answer; false if each client's acknowledgement is one.
        let wantsResult: Bool
        /// When this host stops to wait. The asking host has its own limit of time, which it does not tell.
        let deadline: ContinuousClock.Instant
    }

    /// The number of questions of other hosts that wait for answers at a time.
    static let askedLimit = 4096

    /// Opens a question.
    /// - Returns: its number.
    mutating func ask(_ question: Open) -> UInt64 {
        lastNumber += 1
        open[lastNumber] = question
        return lastNumber
    }

    /// Removes the fetches whose time is up.
    mutating func removeOverdue(at now: ContinuousClock.Instant) -> [(number: UInt64, fetch: PendingFetch)] {
        var overdue: [(number: UInt64, fetch: PendingFetch)] = []
        for (number, question) in open {
            if case .fetch(let pending) = question, now >= pending.deadline { overdue.append((number, pending)) }
        }
        for (number, _) in overdue { open[number] = nil }
        return overdue.sorted { $0.number < $1.number }
    }

    subscript(number: UInt64) -> Open? {
        get { open[number] }
        set { open[number] = newValue }
    }

    /// Ends the question of an inquiry that nobody waits for any more.
    /// - Returns: its number; nil if it has ended.
    mutating func end(inquiry: UInt64) -> UInt64? {
        let found = open.first { if case .inquiry(inquiry) = $0.value { true } else { false } }?.key
        if let found { open[found] = nil }
        return found
    }

    /// Another host asks.
    /// - Returns: the number for its inquiry; nil if too many are open.
    mutating func begin(_ question: Asked) -> UInt64? {
        guard asked.count < Self.askedLimit else { return nil }
        lastNumber += 1
        asked[lastNumber] = question
        return lastNumber
    }

    /// True if questions of other hosts wait for this host's handlers.
    var awaitsResults: Bool { asked.values.contains(where: \.wantsResult) }

    /// Forgets the questions of other hosts.
    /// - Returns: them, with the numbers of their inquiries, in order.
    mutating func takeAsked() -> [(number: UInt64, question: Asked)] {
        defer { asked = [:] }
        return asked.sorted { $0.key < $1.key }.map { (number: $0.key, question: $0.value) }
    }

    /// The question of another host with the inquiry of this number.
    func asked(_ number: UInt64) -> Asked? { asked[number] }

    /// Forgets a question of another host.
    mutating func endAsked(_ number: UInt64) {
        asked[number] = nil
    }

    /// Forgets the questions of other hosts whose time is up.
    /// - Returns: the numbers of their inquiries.
    mutating func endOverdueAsked(at now: ContinuousClock.Instant) -> [UInt64] {
        let overdue = asked.filter { now >= $0.value.deadline }.keys.sorted()
        for number in overdue { asked[number] = nil }
        return overdue
    }
}
