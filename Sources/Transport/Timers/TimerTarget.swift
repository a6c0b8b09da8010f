/// The receiver of a timer on an ``EventLoop``.
public protocol TimerTarget: AnyObject {
    /// Handles the deadline. Called once for each started timer, on the loop.
    func timerFired(at now: ContinuousClock.Instant)
    /// The loop has stopped and the timer will not fire. Called on the loop's thread. Does nothing by default.
    func loopEnded()
}

extension TimerTarget {
    public func loopEnded() {}
}
