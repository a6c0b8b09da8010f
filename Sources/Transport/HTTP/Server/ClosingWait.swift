/// Waits for a server's last connection to close, for a limited time.
final class ClosingWait: TimerTarget {
    private var continuation: CheckedContinuation<Void, Never>?
    private var cancelTimer: (() -> Void)?

    init(_ continuation: CheckedContinuation<Void, Never>) {
        self.continuation = continuation
    }

    /// - Parameter timeout: how long to wait at most.
    func start(for gauge: ChannelGauge, on loop: EventLoop, timeout: Duration) {
        let timer = loop.startTimer(at: loop.now + timeout, self)
        cancelTimer = { loop.cancelTimer(timer) }
        gauge.waits.append(self)
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
