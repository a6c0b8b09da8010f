/// Limits the work that a worker has in flight to the hub.
struct Credit {
    /// The limit in bytes. Above it, senders are paused.
    let limit: Int
    /// The size of the unanswered requests, in bytes.
    private(set) var used = 0

    init(limit: Int) {
        self.limit = limit
    }

    var isExhausted: Bool { used > limit }

    /// True if paused senders may resume.
    var isHalfFree: Bool { used <= limit / 2 }

    mutating func spend(_ cost: Int) {
        used += cost
    }

    mutating func refund(_ cost: Int) {
        used -= cost
    }
}
