import Transport

/// The rates of one client, or of several connections that share them (``PaceOwner``): ``ServerOptions/messageRate``
/// and ``ServerOptions/byteRate``.
struct Pace {
    private var messages = TokenBucket()
    private var bytes = TokenBucket()

    /// The limits of a server's clients.
    struct Limits {
        let messages: RateLimit?
        let bytes: RateLimit?
        /// True if they apply to clients on this machine too.
        let includesLocal: Bool
        /// The longest time for which clients wait because of what others have used; nil without a limit.
        var maxDebt: Duration?

        /// Nil if there is no limit.
        init?(_ options: ServerOptions) {
            guard options.messageRate != nil || options.byteRate != nil else { return nil }
            messages = options.messageRate
            bytes = options.byteRate
            includesLocal = options.limitsLocalClients
            maxDebt = nil
        }

        private init(messages: RateLimit?, bytes: RateLimit?, includesLocal: Bool, maxDebt: Duration?) {
            self.messages = messages
            self.bytes = bytes
            self.includesLocal = includesLocal
            self.maxDebt = maxDebt
        }

        /// The limits that the clients of one address share: this many times as high. A client that has left may not
        /// keep the others from sending for long.
        func multiplied(by factor: Int) -> Limits {
            Limits(
                messages: messages?.multiplied(by: factor), bytes: bytes?.multiplied(by: factor),
                includesLocal: includesLocal, maxDebt: .seconds(10))
        }

        /// True if the other workers should be told of this use: it is a sixteenth of what a second allows, or more.
        func isWorthReporting(messages count: Int, bytes byteCount: Int) -> Bool {
            func isMuch(_ count: Int, _ limit: RateLimit?) -> Bool {
                limit.map { Double(count) >= max(1, Double($0.perSecond) / 16) } ?? false
            }
            return isMuch(count, messages) || isMuch(byteCount, bytes)
        }

        /// The average time between two messages. The rate of bytes says nothing about it.
        var interval: Duration { messages.map { .seconds(1) / $0.perSecond } ?? .milliseconds(10) }
    }

    /// True if nobody can tell the rates from new ones.
    func isFull(at now: ContinuousClock.Instant) -> Bool { messages.isFull(at: now) && bytes.isFull(at: now) }

    /// The time until the next message may be handled; zero if it may be handled now.
    func delay(_ limits: Limits, at now: ContinuousClock.Instant) -> Duration {
        max(
            limits.messages.map { messages.delay(of: $0, at: now) } ?? .zero,
            limits.bytes.map { bytes.delay(of: $0, at: now) } ?? .zero)
    }

    /// Counts a message.
    mutating func take(_ byteCount: Int, _ limits: Limits, at now: ContinuousClock.Instant) {
        charge(messages: 1, limits, at: now)
        charge(byteCount, limits, at: now)
    }

    /// Counts messages without their bytes.
    mutating func charge(messages count: Int, _ limits: Limits, at now: ContinuousClock.Instant) {
        if let limit = limits.messages { messages.take(count, of: limit, maxDebt: limits.maxDebt, at: now) }
    }

    /// Counts bytes that are not a message of the client's, such as those of a page of the history.
    mutating func charge(_ byteCount: Int, _ limits: Limits, at now: ContinuousClock.Instant) {
        if let limit = limits.bytes { bytes.take(byteCount, of: limit, maxDebt: limits.maxDebt, at: now) }
    }
}
