extension EventLoop {
    /// Suspends the task for `time`, or until the loop ends. Called on the loop.
    package func pause(for time: Duration, isolation: isolated (any Actor)? = #isolation) async {
        await withCheckedContinuation { continuation in
            guard !hasEnded else { return continuation.resume() }
            _ = startTimer(at: now + time, Pause(continuation))
        }
    }
}

/// Resumes a task when its timer fires.
private final class Pause: TimerTarget {
    private let continuation: CheckedContinuation<Void, Never>

    init(_ continuation: CheckedContinuation<Void, Never>) {
        self.continuation = continuation
    }

    func timerFired(at now: ContinuousClock.Instant) {
        continuation.resume()
    }

    func loopEnded() {
        continuation.resume()
    }
}
