extension EventLoop {
    /// Suspends the task for `time`, or until the loop ends. Called on the loop.
    package func pause(for time: Duration, isolation: isolated (any Actor)? = #isolation) async {
        await withCheckedContinuation { continuation in
            guard !hasEnded else { return continuation.resume() }
            _ = startTimer(at: now + time, Pause(continuation))
        }
    }

    /// Suspends the task until a condition is no longer true, or `time` is over. Called on the loop.
    ///
    /// Looks every five milliseconds. A loop that has ended does not pause, and its time may stand still, so the number
    /// of looks is limited too.
    /// - Parameters:
    ///   - time: the longest wait.
    ///   - condition: true as long as the wait goes on.
    package func wait(
        atMost time: Duration, isolation: isolated (any Actor)? = #isolation, while condition: () -> Bool
    ) async {
        let interval = Duration.milliseconds(5)
        let deadline = now + time
        var looksLeft = Int(time / interval)
        while looksLeft > 0, condition(), now < deadline {
            looksLeft -= 1
            await pause(for: interval)
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
