import Transport

/// Exits a process that takes too long to stop. This loses no acknowledged message.
final class StopLimit: TimerTarget {
    static let timeout = Duration.milliseconds(4500)

    private let loop: EventLoop
    private let report: @Sendable (ProcessReport) -> Void

    private init(on loop: EventLoop, report: @escaping @Sendable (ProcessReport) -> Void) {
        self.loop = loop
        self.report = report
    }

    /// Starts the limit. Called on the loop, which keeps the limit until the process has exited.
    static func start(on loop: EventLoop, report: @escaping @Sendable (ProcessReport) -> Void) {
        _ = loop.startTimer(at: loop.now + timeout, StopLimit(on: loop, report: report))
    }

    func timerFired(at now: ContinuousClock.Instant) {
        report(.stopOverdue)
        loop.machine.exit(code: ExitCode.success)
    }
}
