import Transport

/// Makes a link check at regular intervals whether the hub still sends pings.
final class SilenceTimer: TimerTarget {
    private let link: WorkerLink

    init(of link: WorkerLink) {
        self.link = link
    }

    func timerFired(at now: ContinuousClock.Instant) {
        link.assumeIsolated { $0.checkSilence() }
    }
}
