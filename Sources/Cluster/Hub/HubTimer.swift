import Transport

/// Calls the hub at a time.
final class HubTimer: TimerTarget {
    private let hub: Hub
    private let work: @Sendable (isolated Hub, ContinuousClock.Instant) -> Void

    init(of hub: Hub, _ work: @escaping @Sendable (isolated Hub, ContinuousClock.Instant) -> Void) {
        self.hub = hub
        self.work = work
    }

    func timerFired(at now: ContinuousClock.Instant) {
        hub.assumeIsolated { [work] in work($0, now) }
    }
}
