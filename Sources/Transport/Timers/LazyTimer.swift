/// One timer that follows a deadline lazily: moving the deadline back costs nothing.
struct LazyTimer {
    private var deadline: ContinuousClock.Instant?
    private var timer: (token: EventLoop.TimerToken, instant: ContinuousClock.Instant)?

    /// Calls `target` at `instant`, or earlier; ``isDue(at:on:calling:)`` tells which.
    mutating func set(to instant: ContinuousClock.Instant, on loop: EventLoop, calling target: any TimerTarget) {
        deadline = instant
        if let timer, timer.instant <= instant { return }
        restart(at: instant, on: loop, calling: target)
    }

    /// There is no deadline until the next one is set.
    mutating func clear() {
        deadline = nil
    }

    /// The timer has fired. Starts it again when the deadline has moved back meanwhile.
    /// - Returns: whether the deadline has passed.
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
