import Transport

/// A wait on a loop's timer. It also ends when the loop ends.
final class LoopPause: TimerTarget {
    private let continuation: CheckedContinuation<Void, Never>

    private init(_ continuation: CheckedContinuation<Void, Never>) {
        self.continuation = continuation
    }

    /// - Parameter time: the duration in milliseconds.
    static func wait(_ time: Int, on loop: EventLoop, isolation: isolated (any Actor)? = #isolation) async {
        await withCheckedContinuation { continuation in
            _ = loop.startTimer(at: loop.now + .milliseconds(time), LoopPause(continuation))
        }
    }

    func timerFired(at now: ContinuousClock.Instant) {
        continuation.resume()
    }

    func loopEnded() {
        continuation.resume()
    }
}
