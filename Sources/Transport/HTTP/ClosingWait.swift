/// Waits for a server's last connection to close, for a limited time.
final class ClosingWait: TimerTarget {
    private var continuation: CheckedContinuation<Void, Never>?
    private let gauge: ChannelGauge

    init(_ continuation: CheckedContinuation<Void, Never>, for gauge: ChannelGauge) {
        self.continuation = continuation
        self.gauge = gauge
    }

    /// - Parameter timeout: how long to wait at most.
    func start(on loop: EventLoop, timeout: Duration) {
        let timer = loop.startTimer(at: loop.now + timeout, self)
        let previous = gauge.becameEmpty
        gauge.becameEmpty = { [self] in
            loop.cancelTimer(timer)
            end()
            previous?()
        }
    }

    private func end() {
        continuation?.resume()
        continuation = nil
        gauge.becameEmpty = nil
    }

    func timerFired(at now: ContinuousClock.Instant) {
        end()
    }

    func loopEnded() {
        end()
    }
}
