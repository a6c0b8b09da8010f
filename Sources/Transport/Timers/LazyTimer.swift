/// A timer whose deadline can be postponed without a call to the loop: it keeps running, and is restarted only if it
/// fires before the deadline.
struct LazyTimer {
    private var deadline: ContinuousClock.Instant?
    private var timer: (token: EventLoop.TimerToken, instant: ContinuousClock.Instant)?

    /// Sets the deadline. The timer may call `target` before `instant`, so `target` must ask ``isDue(at:on:calling:)``
    /// whether the deadline has passed.
    mutating func set(to instant: ContinuousClock.Instant, on loop: EventLoop, calling target: any TimerTarget) {
        deadline = instant
        if let timer, timer.instant <= instant { return }
        restart(at: instant, on: loop, calling: target)
    }

    /// Removes the deadline, without stopping the timer.
    mutating func clear() {
        deadline = nil
    }

    /// Handles a fired timer, and restarts it if the deadline was postponed.
    /// - Returns: true if the deadline has passed.
    mutating func isDue(at now: ContinuousClock.Instant, on loop: EventLoop, calling target: any TimerTarget) -> Bool {
        timer = nil
        guard let deadline else { return false }
        if now < deadline { restart(at: deadline, on: loop, calling: target) }
        return now >= deadline
    }

    mutating func cancel(on loop: EventLoop) {
        if let timer { loop.cancelTimer(timer.token) }
        timer = nil
        deadline = nil
    }

    private mutating func restart(
        at instant: ContinuousClock.Instant, on loop: EventLoop, calling target: any TimerTarget
    ) {
        if let timer { loop.cancelTimer(timer.token) }
        timer = (loop.startTimer(at: instant, target), instant)
    }
}
