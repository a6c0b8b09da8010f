/// The deadline of an answer. It starts again whenever the client has received another 16 KiB.
///
/// The owner checks it four times per timeout, so a client may exceed it by less than a quarter of the timeout.
struct HTTPAnswerDeadline {
    enum Decision: Equatable {
        case wait(until: ContinuousClock.Instant)
        case giveUp
    }

    private let timeout: Duration
    private var acknowledged: Int
    private var progressAt: ContinuousClock.Instant

    /// Starts the deadline of an answer.
    /// - Parameters:
    ///   - timeout: the time within which the client must make progress.
    ///   - acknowledged: the number of bytes that the client may have received on the connection when the answer began;
    ///     it may be too high.
    ///   - now: the time at which the answer began.
    init(timeout: Duration, acknowledged: Int, now: ContinuousClock.Instant) {
        self.timeout = timeout
        self.acknowledged = acknowledged
        progressAt = now
    }

    /// The time between two checks.
    var step: Duration { timeout / 4 }

    /// Checks the client's progress.
    /// - Parameters:
    ///   - acknowledged: the number of bytes of the connection that the client has received.
    ///   - now: the current time.
    ///   - minimum: the number of bytes that the client must receive within the timeout.
    mutating func check(
        acknowledged: Int, at now: ContinuousClock.Instant, minimum: Int = Limits().minimumProgress
    ) -> Decision {
        if acknowledged - self.acknowledged >= minimum {
            self.acknowledged = acknowledged
            progressAt = now
        }
        // The initial value is an upper bound: the client may have received less.
        self.acknowledged = min(self.acknowledged, acknowledged)
        guard now - progressAt < timeout else { return .giveUp }
        return .wait(until: min(now + step, progressAt + timeout))
    }
}
