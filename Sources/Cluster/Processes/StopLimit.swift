import Transport

/// Ends a process that takes too long to stop. This loses no acknowledged message.
final class StopLimit: TimerTarget {
    /// The time that a stop may take after the clients were sent away.
    static let timeout = Duration.milliseconds(4500)

    private let report: @Sendable (ProcessReport) -> Void
    private let onEnd: @Sendable (ProcessOutcome) -> Void

    private init(
        report: @escaping @Sendable (ProcessReport) -> Void, onEnd: @escaping @Sendable (ProcessOutcome) -> Void
    ) {
        self.report = report
        self.onEnd = onEnd
    }

    /// Starts the limit of a stop that sends the clients away within `drainTime`. Called on the loop, which keeps the
    /// limit until the process has ended.
    static func start(
        on loop: EventLoop, after drainTime: Duration, report: @escaping @Sendable (ProcessReport) -> Void,
        onEnd: @escaping @Sendable (ProcessOutcome) -> Void
    ) {
        _ = loop.startTimer(at: loop.now + drainTime + timeout, StopLimit(report: report, onEnd: onEnd))
    }

    func timerFired(at now: ContinuousClock.Instant) {
        report(.stopOverdue)
        onEnd(.stopped)
    }
}
