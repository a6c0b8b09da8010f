/// How long an answer may take: as long as its client takes 16 KiB of it within `timeout`, again and again.
///
/// It is looked at a few times in that span, and so late by less than a quarter of it.
struct HTTPAnswerDeadline {
    enum Verdict: Equatable {
        case wait(until: ContinuousClock.Instant)
        case giveUp
    }

    private let timeout: Duration
    private var acknowledged: Int
    private var progressAt: ContinuousClock.Instant

    /// - Parameter acknowledged: how many bytes of the connection the client had at most when the answer began.
    init(timeout: Duration, acknowledged: Int, now: ContinuousClock.Instant) {
        self.timeout = timeout
        self.acknowledged = acknowledged
        progressAt = now
    }

    /// How long it may be left alone.
    var step: Duration { timeout / 4 }

    /// - Parameters:
    ///   - acknowledged: how many bytes of the connection the client has now.
    ///   - least: how many it must have taken within the timeout.
    mutating func judge(
        acknowledged: Int, at now: ContinuousClock.Instant, least: Int = Limits().leastProgress
    ) -> Verdict {
        if acknowledged - self.acknowledged >= least {
            self.acknowledged = acknowledged
            progressAt = now
        }
        // Of what was sent before the answer, less had arrived than there could have.
        self.acknowledged = min(self.acknowledged, acknowledged)
        guard now - progressAt < timeout else { return .giveUp }
        return .wait(until: min(now + step, progressAt + timeout))
    }
}
