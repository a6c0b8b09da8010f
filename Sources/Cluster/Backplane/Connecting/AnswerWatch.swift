import Transport

/// Notices a server that does not answer. A value without I/O. The owner calls ``isOverdue(at:isReady:isWaiting:)`` at
/// ``nextCheck``, and sends a request if nothing else is in progress, so that there is something to answer.
struct AnswerWatch {
    /// How long a server may take until the session is ready.
    private static let openTimeout = Duration.seconds(5)
    /// How long a server may take to answer.
    private static let answerTimeout = Duration.seconds(3)
    /// The time between two checks.
    private static let checkInterval = Duration.seconds(1)

    private(set) var nextCheck: ContinuousClock.Instant
    /// When the session must be ready, however many bytes arrive meanwhile.
    private var openDeadline: ContinuousClock.Instant
    /// When the server has sent something for the last time, or was asked for something after everything was answered.
    private var lastProgress: ContinuousClock.Instant

    /// - Parameter now: the time at which the session begins.
    init(at now: ContinuousClock.Instant) {
        lastProgress = now
        nextCheck = now + Self.checkInterval
        openDeadline = now + Self.openTimeout
    }

    /// The server has sent something, or is asked for something while nothing else is in progress.
    mutating func progressed(at now: ContinuousClock.Instant) {
        lastProgress = now
    }

    /// Returns true if the server has not answered in time. Moves ``nextCheck``.
    /// - Parameters:
    ///   - isReady: true if the session has started.
    ///   - isWaiting: true if requests are in progress.
    mutating func isOverdue(at now: ContinuousClock.Instant, isReady: Bool, isWaiting: Bool) -> Bool {
        // After a pause of this process, the answer may be there and not read yet.
        if now - nextCheck > Self.checkInterval {
            lastProgress = now
            openDeadline += now - nextCheck
        }
        nextCheck = now + Self.checkInterval
        guard isReady else { return now >= openDeadline }
        return isWaiting && now - lastProgress >= Self.answerTimeout
    }
}
