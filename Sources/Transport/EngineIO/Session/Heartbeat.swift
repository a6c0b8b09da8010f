/// The heartbeat of one session: sends pings on time and gives up on a silent client (Engine.IO protocol 4,
/// "Heartbeat").
///
/// Deadlines are absolute, so that a late timer does not lengthen a session's life. There are three exceptions:
///
/// - If the server sent a ping very late, for example because it was stopped, the client has at least half of the
///   timeout to answer.
/// - While the server does not read from the session, silence proves nothing, and the deadline is suspended. The client
///   gets further pings, because it gives up on a silent server too.
/// - A client in the middle of a large transfer cannot answer yet. If it has made progress when the deadline passes,
///   the deadline moves by one timeout.
struct Heartbeat {
    enum Action: Equatable {
        case wait(until: ContinuousClock.Instant)
        case sendPing
        case close
    }

    private enum State {
        case idle(nextPing: ContinuousClock.Instant)
        /// `since` is the client's progress when the deadline was set. `nextPing` is when another ping is sent if the
        /// deadline is suspended.
        case awaitingPong(
            deadline: ContinuousClock.Instant, since: PeerProgress, nextPing: ContinuousClock.Instant)
    }

    private let interval: Duration
    private let timeout: Duration
    private var state: State
    private(set) var isSuspended = false

    init(interval: Duration, timeout: Duration, now: ContinuousClock.Instant) {
        self.interval = interval
        self.timeout = timeout
        self.state = .idle(nextPing: now + interval)
    }

    /// True if the timeout is longer than the interval. After a pong, the next ping may then be due before the running
    /// timer, which was set to the pong's deadline.
    var pingsWhilePongIsDue: Bool { interval < timeout }

    /// Returns the action that is due at `now`. Called by the session's timer and before each request of the client, so
    /// that a request does not revive an expired session.
    /// - Parameters:
    ///   - now: the current time.
    ///   - progress: the client's progress; evaluated only if a ping or a deadline is due.
    mutating func due(at now: ContinuousClock.Instant, progress: () -> PeerProgress) -> Action {
        switch state {
        case .idle(let nextPing) where now >= nextPing:
            state = .awaitingPong(
                deadline: max(nextPing + timeout, now + timeout / 2), since: progress(), nextPing: now + interval)
            return .sendPing
        case .awaitingPong(let deadline, let since, let nextPing) where isSuspended:
            guard now >= nextPing else { return .wait(until: nextPing) }
            state = .awaitingPong(deadline: deadline, since: since, nextPing: now + interval)
            return .sendPing
        case .awaitingPong(let deadline, let since, let nextPing) where now >= deadline:
            let progress = progress()
            guard progress.hasAdvanced(since: since) else { return .close }
            state = .awaitingPong(deadline: now + timeout, since: progress, nextPing: nextPing)
            return .wait(until: now + timeout)
        case .idle(let instant), .awaitingPong(let instant, _, _):
            return .wait(until: instant)
        }
    }

    /// Handles a pong. An unsolicited or late pong has no effect.
    /// - Parameters:
    ///   - now: the current time.
    ///   - checksDeadline: false while the server reads input that accumulated while it did not run. The time at which
    ///     the pong arrived is unknown then.
    mutating func pongReceived(at now: ContinuousClock.Instant, checksDeadline: Bool = true) {
        guard case .awaitingPong(let deadline, _, _) = state, isSuspended || !checksDeadline || now < deadline
        else { return }
        state = .idle(nextPing: now + interval)
    }

    /// Suspends the deadline, because the server stops reading from the session.
    mutating func suspend() {
        isSuspended = true
    }

    /// Resumes the deadline, because the server reads again. The deadline is a whole timeout away, so that input in the
    /// kernel can be read first.
    mutating func resume(at now: ContinuousClock.Instant, progress: () -> PeerProgress) {
        guard isSuspended else { return }
        isSuspended = false
        guard case .awaitingPong(_, _, let nextPing) = state else { return }
        state = .awaitingPong(deadline: now + timeout, since: progress(), nextPing: nextPing)
    }
}
