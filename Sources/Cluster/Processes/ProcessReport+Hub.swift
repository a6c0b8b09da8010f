import Transport

extension ProcessReport {
    /// Passes on what a hub reports, and ends the process when its store must not be written to any more.
    static func ofHub(
        on loop: EventLoop, _ report: @escaping @Sendable (ProcessReport) -> Void
    ) -> @Sendable (Hub.Report) -> Void {
        { hubReport in
            report(.hub(hubReport))
            if case .storeLost = hubReport { loop.machine.exit(code: ExitCode.softwareFailure) }
        }
    }
}
