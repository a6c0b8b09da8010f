import Transport

/// Notices a server that does not answer. A value without I/O. The owner calls
/// ``isOverdue(at:isReady:isWaiting:acknowledged:)`` at ``nextCheck``, and sends a request if nothing else is in
/// progress, so that there is something to answer.
///
/// A long request may be on its way for any time, as long as the server's system acknowledges more of it from check to
/// check. Only what had been sent when the server was last heard counts. Otherwise each new request would give another
/// delay to a server that hangs, because its system acknowledges them until its buffer is full.
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
    /// When the server has sent something for the last time, was asked for something after everything was answered, or
    /// has received more of what it was asked for.
    private var lastProgress: ContinuousClock.Instant
    /// The place in the bytes for the server up to which their arrival is progress.
    private var uploadEnd = 0
    /// How many bytes had arrived at the last check.
    private var acknowledged = 0

    /// - Parameter now: the time at which the session begins.
    init(at now: ContinuousClock.Instant) {
        lastProgress = now
        nextCheck = now + Self.checkInterval
        openDeadline = now + Self.openTimeout
    }

    /// The server has sent something, or is asked for something while nothing else is in progress.
    /// - Parameter sent: the number of bytes for the server since the start, also those that still wait.
    mutating func progressed(at now: ContinuousClock.Instant, sent: Int) {
        lastProgress = now
        uploadEnd = sent
    }

    /// Returns true if the server has not answered in time. Moves ``nextCheck``.
    /// - Parameters:
    ///   - isReady: true if the session has started.
    ///   - isWaiting: true if requests are in progress.
    ///   - acknowledged: the number of bytes since the start that the server's system has received.
    mutating func isOverdue(
        at now: ContinuousClock.Instant, isReady: Bool, isWaiting: Bool, acknowledged: Int
    ) -> Bool {
        if acknowledged > self.acknowledged, self.acknowledged < uploadEnd { lastProgress = now }
        self.acknowledged = acknowledged
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
