/// Timers, and work deferred to the end of the turn.
extension EventLoop {
    /// Identifies a started timer, for ``EventLoop/cancelTimer(_:)``.
    public struct TimerToken {
        fileprivate let token: TimerWheel<any TimerTarget>.Token
    }

    /// Calls `target` once, in the first turn that begins at or after `deadline`, which is rounded up to a multiple of
    /// 5 ms since the loop was made. The loop retains `target` until then.
    public func startTimer(at deadline: ContinuousClock.Instant, _ target: any TimerTarget) -> TimerToken {
        checkIsolated()
        let offset = max(.zero, deadline - origin)
        return TimerToken(token: timers.start(at: UInt64((offset / Self.tick).rounded(.up)), target))
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
