import Transport

/// The rates of one client, or of several connections that share them (``PaceOwner``): ``ServerOptions/messageRate``,
/// ``ServerOptions/byteRate`` and ``ServerOptions/historyRate``.
struct Pace {
    private var messages = TokenBucket()
    private var bytes = TokenBucket()
    private var history = TokenBucket()

    /// The longest debt of an address, and of every rate of the history. Without it, a client could keep others waiting
    /// for long.
    static let maxDebt = Duration.seconds(10)

    /// The limits of a server's clients.
    struct Limits {
        let messages: RateLimit?
        let bytes: RateLimit?
        let history: RateLimit?
        /// True if they apply to clients on this machine too.
        let includesLocal: Bool
        /// The longest time for which clients wait because of what others have used; nil without a limit.
        var maxDebt: Duration?

        /// Nil if there is no limit.
        init?(_ options: ServerOptions) {
            messages = options.messageRate
            bytes = options.byteRate
            history = options.historyRate
            guard messages != nil || bytes != nil || history != nil else { return nil }
            includesLocal = options.limitsLocalClients
            maxDebt = nil
        }

        private init(
            messages: RateLimit?, bytes: RateLimit?, history: RateLimit?, includesLocal: Bool, maxDebt: Duration?
        ) {
            self.messages = messages
            self.bytes = bytes
            self.history = history
            self.includesLocal = includesLocal
            self.maxDebt = maxDebt
        }

        /// The limits that the clients of one address share: this many times as high. A client that has left may not
        /// keep the others from sending for long.
        func multiplied(by factor: Int) -> Limits {
            Limits(
                messages: messages?.multiplied(by: factor), bytes: bytes?.multiplied(by: factor),
                history: history?.multiplied(by: factor), includesLocal: includesLocal, maxDebt: Pace.maxDebt)
        }

        /// True if the other workers should be told of this use: it is a sixteenth of what a second allows, or more.
        func isWorthReporting(_ use: SharedUse.Identity) -> Bool {
            func isMuch(_ count: Int, _ limit: RateLimit?) -> Bool {
                limit.map { Double(count) >= max(1, Double($0.perSecond) / 16) } ?? false
            }
            return isMuch(use.messages, messages) || isMuch(use.bytes, bytes) || isMuch(use.historyBytes, history)
        }

        /// The average time between two messages. The rate of bytes says nothing about it.
        var interval: Duration { messages.map { .seconds(1) / $0.perSecond } ?? .milliseconds(10) }
    }

    /// True if nobody can tell the rates from new ones.
    func isFull(at now: ContinuousClock.Instant) -> Bool {
        messages.isFull(at: now) && bytes.isFull(at: now) && history.isFull(at: now)
    }

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

    /// Counts work that the application charges as if it were bytes of the client's.
    mutating func charge(_ byteCount: Int, _ limits: Limits, at now: ContinuousClock.Instant) {
        if let limit = limits.bytes { bytes.take(byteCount, of: limit, maxDebt: limits.maxDebt, at: now) }
    }

    // MARK: The history

    /// The time until the client may read more of the history; zero if it may read now.
    func historyDelay(_ limits: Limits, at now: ContinuousClock.Instant) -> Duration {
        limits.history.map { history.delay(of: $0, at: now) } ?? .zero
    }

    /// Counts a page of the history.
    mutating func chargeHistory(_ byteCount: Int, _ limits: Limits, at now: ContinuousClock.Instant) {
        guard let limit = limits.history else { return }
        history.take(byteCount, of: limit, maxDebt: Self.maxDebt, at: now)
    }
}
