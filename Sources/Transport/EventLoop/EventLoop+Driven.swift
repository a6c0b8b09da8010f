/// Turns that are taken from outside, one at a time, in place of ``EventLoop/run()``: a simulated machine drives its loops so.
extension EventLoop {
    /// Takes one turn on the calling thread, which is the loop's meanwhile. All jobs run, those that others add included: how
    /// many hops the compiler makes of an `await` must not decide what a turn does.
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

    /// When the next timer is due; nil when none is started.
    package var nextDeadline: ContinuousClock.Instant? {
        timers.nextTick.map { origin + Self.tick * Int($0) }
    }

    /// Whether ``stop()`` was called.
    package var isStopping: Bool { stopping.load(ordering: .acquiring) }

    /// Ends a driven loop, as the end of ``run()`` does.
    /// - Parameter startDraining: called when something is asked of the loop later; ``drain()`` does it.
    package func endDriven(startDraining: @escaping @Sendable () -> Void = {}) {
        jobs.end(startDraining: startDraining)
        drain()
    }
}
