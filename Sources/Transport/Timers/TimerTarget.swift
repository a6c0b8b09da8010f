/// Something with a deadline on an ``EventLoop``.
public protocol TimerTarget: AnyObject {
    /// The deadline has passed. Called once for each started timer, on the loop.
    func timerFired(at now: ContinuousClock.Instant)
    /// The loop has stopped and the timer will not fire. Called on the loop's thread; does nothing by default.
    func loopEnded()
}

extension TimerTarget {
    public func loopEnded() {}
}
