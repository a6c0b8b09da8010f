import Transport

/// A wait on a loop's timer, which ends with the loop too.
final class LoopPause: TimerTarget {
    private let continuation: CheckedContinuation<Void, Never>

    private init(_ continuation: CheckedContinuation<Void, Never>) {
        self.continuation = continuation
    }

    /// - Parameter time: in milliseconds.
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
