/// Running a loop one turn at a time instead of by ``EventLoop/run()``. A simulated machine drives its loops this way.
extension EventLoop {
    /// Runs one turn on the calling thread, which counts as the loop's thread until the call returns.
    ///
    /// All jobs run, including the jobs that other jobs add. Debug and release builds may split an `await` into
    /// different numbers of jobs, and a turn must do the same work in both.
    package func driveTurn() {
        jobs.enter()
        defer { jobs.leave() }
        isDriven = true
        turn()
        while !jobs.isEmpty {
            runJobs()
            endTurn()
        }
    }

    /// The earliest time at which a timer may be due; nil if no timer is running.
    package var nextDeadline: ContinuousClock.Instant? {
        timers.nextTick.map { origin + Self.tick * Int($0) }
    }

    /// True if ``stop()`` was called.
    package var isStopping: Bool { stopping.load(ordering: .acquiring) }

    /// Ends a driven loop, as ``run()`` does when it returns.
    /// - Parameter startDraining: called when a job is added later; it must arrange a call of ``drain()``.
    package func endDriven(startDraining: @escaping @Sendable () -> Void = {}) {
        jobs.end(startDraining: startDraining)
        drain()
    }
}
