/// Deadlines, and what is gathered for the end of a turn.
extension EventLoop {
    /// A started timer, to cancel it by.
    public struct TimerToken {
        fileprivate let token: TimerWheel<any TimerTarget>.Token
    }

    /// Calls `target` once at the first turn that begins at or after `deadline`. The loop keeps `target` alive until
    /// then.
    public func startTimer(at deadline: ContinuousClock.Instant, _ target: any TimerTarget) -> TimerToken {
        checkIsolated()
        let offset = max(.zero, deadline - origin)
        return TimerToken(token: timers.start(at: UInt64((offset / Self.tick).rounded(.up)), target))
    }

    /// Stops a timer; one that has fired or was cancelled changes nothing.
    public func cancelTimer(_ timer: TimerToken) {
        checkIsolated()
        timers.cancel(timer.token)
    }

    /// Calls `handler` once at the end of this turn. A handler that may ask twice in a turn keeps its own flag.
    public func atEndOfTurn(_ phase: TurnPhase, _ handler: any TurnHandler) {
        checkIsolated()
        switch phase {
        case .beforeWrites: beforeWrites.append(handler)
        case .write: writes.append(handler)
        }
    }
}
