import Transport

/// The rates of one client, or of several connections that share them (``PaceOwner``): ``ServerOptions/messageRate``,
/// ``ServerOptions/byteRate`` and ``ServerOptions/historyRate``.
struct Pace {
    private var messages = TokenBucket()
    private var bytes = TokenBucket()
    private var history = TokenBucket()

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
                history: history?.multiplied(by: factor), includesLocal: includesLocal, maxDebt: .seconds(10))
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

    /// Counts bytes that are not a message of the client's, such as those of a page of the history.
    mutating func charge(_ byteCount: Int, _ limits: Limits, at now: ContinuousClock.Instant) {
        if let limit = limits.bytes { bytes.take(byteCount, of: limit, maxDebt: limits.maxDebt, at: now) }
    }
    // MARK: Stored messages

    /// The longest time for which clients wait for stored messages because of what others have got.
    private static let maxHistoryDebt = Duration.seconds(10)

    /// The time until the client may get more stored messages; zero if it may get them now.
    func historyDelay(_ limits: Limits, at now: ContinuousClock.Instant) -> Duration {
        limits.history.map { history.delay(of: $0, at: now) } ?? .zero
    }

    /// Counts stored messages that a client gets.
    /// - Parameter makesDebt: false if they have not waited and make nobody wait.
    mutating func chargeHistory(
        _ byteCount: Int, makesDebt: Bool = true, _ limits: Limits, at now: ContinuousClock.Instant
    ) {
        guard let limit = limits.history, makesDebt || history.delay(of: limit, at: now) == .zero else { return }
        history.take(byteCount, of: limit, maxDebt: makesDebt ? Self.maxHistoryDebt : .zero, at: now)
    }
}
