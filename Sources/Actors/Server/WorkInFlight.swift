/// Limits the work that a worker has in flight to the hub. Messages and events have limits of their own: a database
/// that does not answer pauses only the clients that send messages, and a broker only those that send events.
struct WorkInFlight {
    /// What a request waits for.
    enum Kind {
        /// The commit of a message.
        case messages
        /// The order of an event, a change, or a question.
        case events
    }

    private var messages: Account
    private var events: Account

    /// - Parameter limit: the size of the unanswered requests of each kind, in bytes. Above it, senders are paused.
    init(limit: Int) {
        messages = Account(limit: limit)
        events = Account(limit: limit)
    }

    /// The size of the unanswered requests, in bytes.
    var byteCount: Int { messages.used + events.used }

    /// Adds a request.
    /// - Returns: true if its sender must be paused, until ``answered(_:_:)`` returns it.
    mutating func add(_ byteCount: Int, _ kind: Kind, by sender: Connection?) -> Bool {
        guard byteCount > 0 else { return false }
        return kind == .messages ? messages.add(byteCount, by: sender) : events.add(byteCount, by: sender)
    }

    /// A request of this size was answered.
    /// - Returns: the senders to resume, once half of the limit is free.
    mutating func answered(_ byteCount: Int, _ kind: Kind) -> [Connection] {
        kind == .messages ? messages.remove(byteCount) : events.remove(byteCount)
    }

    /// Forgets the paused senders.
    mutating func dropSenders() {
        messages.paused = []
        events.paused = []
    }

    private struct Account {
        let limit: Int
        var used = 0
        var paused: [Connection] = []

        init(limit: Int) {
            self.limit = limit
        }

        mutating func add(_ byteCount: Int, by sender: Connection?) -> Bool {
            used += byteCount
            guard let sender, used > limit else { return false }
            paused.append(sender)
            return true
        }

        mutating func remove(_ byteCount: Int) -> [Connection] {
            used -= byteCount
            guard used <= limit / 2 else { return [] }
            defer { paused = [] }
            return paused
        }
    }
}

extension HubRequest {
    /// What the request waits for.
    var workKind: WorkInFlight.Kind {
        if case .store = self { .messages } else { .events }
    }
}
