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
    /// The hosts that have asked, by the number of their inquiry, with whether their clients' acknowledgements or one
    /// result is the answer.
    private var askers: [UInt64: (asker: BackplaneAsker, wantsResult: Bool)] = [:]

    /// Opens a question.
    /// - Returns: its number.
    mutating func ask(_ question: Open) -> UInt64 {
        lastNumber += 1
        open[lastNumber] = question
        return lastNumber
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
    /// - Returns: the number for its inquiry.
    mutating func asked(by asker: BackplaneAsker, wantsResult: Bool) -> UInt64 {
        lastNumber += 1
        askers[lastNumber] = (asker, wantsResult)
        return lastNumber
    }

    /// The host that asked with the inquiry of this number.
    func asker(of number: UInt64) -> (asker: BackplaneAsker, wantsResult: Bool)? { askers[number] }

    /// Forgets the host that asked.
    mutating func endAsker(of number: UInt64) {
        askers[number] = nil
    }
}
