/// Waits until a count becomes 0, or a timeout passes.
final class ClosingWait: TimerTarget {
    private var continuation: CheckedContinuation<Void, Never>?
    private var cancelTimer: (() -> Void)?

    init(_ continuation: CheckedContinuation<Void, Never>) {
        self.continuation = continuation
    }

    /// Begins to wait.
    /// - Parameter timeout: the longest time to wait.
    func start(for count: OpenCount, on loop: EventLoop, timeout: Duration) {
        let timer = loop.startTimer(at: loop.now + timeout, self)
        cancelTimer = { loop.cancelTimer(timer) }
        count.waiters.append(self)
    }

    private func end() {
        continuation?.resume()
        continuation = nil
        cancelTimer = nil
    }

    func becameEmpty() {
        cancelTimer?()
        end()
    }

    func timerFired(at now: ContinuousClock.Instant) {
        end()
    }

    func loopEnded() {
        end()
    }
}
