/// Timers, and work deferred to the end of the turn.
extension EventLoop {
    /// Identifies a started timer, for ``EventLoop/cancelTimer(_:)``.
    public struct TimerToken {
        fileprivate let token: TimerWheel<any TimerTarget>.Token
    }

    /// The longest time that a timer runs: a hundred years. The ticks of a much longer time do not fit in a number.
    static let longestWait = Duration.seconds(100 * 365 * 86_400)

    /// Calls `target` once, in the first turn that begins at or after `deadline`, which is rounded up to a multiple of
    /// 5 ms since the loop was made. The loop retains `target` until then. A deadline more than a hundred years after
    /// the loop was made counts as one in a hundred years.
    public func startTimer(at deadline: ContinuousClock.Instant, _ target: any TimerTarget) -> TimerToken {
        checkIsolated()
        let offset = min(max(.zero, deadline - origin), Self.longestWait)
        return TimerToken(token: timers.start(at: UInt64((offset / Self.tick).rounded(.up)), target))
    }

    /// Calls `target` once `timeout` has passed since the beginning of this turn, as
    /// ``EventLoop/startTimer(at:_:)`` does. Any duration is allowed.
    package func startTimer(after timeout: Duration, _ target: any TimerTarget) -> TimerToken {
        startTimer(at: now + min(max(.zero, timeout), Self.longestWait), target)
    }

    /// Cancels a timer. Has no effect on a timer that has fired or was cancelled.
    public func cancelTimer(_ timer: TimerToken) {
        checkIsolated()
        timers.cancel(timer.token)
    }

    /// Calls `handler` once at the end of this turn. Two calls make the handler run twice, so a handler that must run
    /// once a turn keeps a flag.
    public func atEndOfTurn(_ phase: TurnPhase, _ handler: any TurnHandler) {
        checkIsolated()
        switch phase {
        case .beforeWrites: beforeWrites.append(handler)
        case .write: writes.append(handler)
        }
    }
}
