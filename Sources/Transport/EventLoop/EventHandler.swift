/// Something that owns a descriptor registered with an ``EventLoop``.
protocol EventHandler: AnyObject {
    /// The descriptor is ready for `events`. Called on the loop.
    func ready(for events: EventMask)
    /// The loop has stopped and watches the descriptor no more. Called on the loop's thread.
    func loopEnded()
}

extension EventHandler {
    func loopEnded() {}
}

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

/// Work that is gathered over a loop turn and done once at its end.
public protocol TurnHandler: AnyObject {
    /// Every event of this turn has been handled. Called on the loop, once for each request.
    func turnEnded()
}

/// The order in which a turn's gathered work is done.
public enum TurnPhase: Sendable {
    /// Operations go to the hub and what it ordered comes back.
    case exchange
    /// Connections write what the turn gave them.
    case write
}
