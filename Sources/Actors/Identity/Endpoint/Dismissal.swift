import Transport

/// Answers a client whose question has failed.
final class Dismissal: TimerTarget, Sendable {
    private let waiter: UInt64
    private let endpoint: IdentityEndpoint
    private let failure: HTTPIdentityFailure

    init(of waiter: UInt64, from endpoint: IdentityEndpoint, because failure: HTTPIdentityFailure) {
        self.waiter = waiter
        self.endpoint = endpoint
        self.failure = failure
    }

    func timerFired(at now: ContinuousClock.Instant) {
        endpoint.assumeIsolated { $0.answer(waiter, failure) }
    }

    func loopEnded() {
        timerFired(at: .now)
    }
}
