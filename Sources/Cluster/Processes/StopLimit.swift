import Transport

/// Ends a process that takes too long to stop. This loses no acknowledged message.
final class StopLimit: TimerTarget {
    static let timeout = Duration.milliseconds(4500)

    private let report: @Sendable (ProcessReport) -> Void
    private let onEnd: @Sendable (ProcessOutcome) -> Void

    private init(
        report: @escaping @Sendable (ProcessReport) -> Void, onEnd: @escaping @Sendable (ProcessOutcome) -> Void
    ) {
        self.report = report
        self.onEnd = onEnd
    }

    /// Starts the limit. Called on the loop, which keeps the limit until the process has ended.
    static func start(
        on loop: EventLoop, report: @escaping @Sendable (ProcessReport) -> Void,
        onEnd: @escaping @Sendable (ProcessOutcome) -> Void
    ) {
        _ = loop.startTimer(at: loop.now + timeout, StopLimit(report: report, onEnd: onEnd))
    }

    func timerFired(at now: ContinuousClock.Instant) {
        report(.stopOverdue)
        onEnd(.stopped)
    }
}
