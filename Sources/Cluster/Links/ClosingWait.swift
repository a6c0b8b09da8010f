import Transport

/// The end of the turn in which a link is closed, and the end of its wait for the hub.
final class ClosingWait: TurnHandler, TimerTarget {
    private let link: WorkerLink

    init(of link: WorkerLink) {
        self.link = link
    }

    func turnEnded() {
        link.assumeIsolated { $0.sendLastRequest() }
    }

    func timerFired(at now: ContinuousClock.Instant) {
        link.assumeIsolated { $0.endWait() }
    }
}
