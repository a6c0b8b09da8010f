/// The heartbeat of one session: pings on time, gives up on silence (Engine.IO protocol 4, "Heartbeat").
///
/// Deadlines are absolute, so a late timer cannot lengthen a session's life; but for a ping that the server sent much too
/// late, as after it was stopped, a client has half its time at least. While the server itself does not read from the
/// session, silence proves nothing and the deadline is suspended. A client that is in the middle of taking or
/// sending much cannot answer yet: as long as it gets on with it, a deadline that comes due moves by one timeout.
struct Heartbeat {
    enum Action: Equatable {
        case wait(until: ContinuousClock.Instant)
        case sendPing
        case close
    }

    private enum State {
        case quiet(nextPing: ContinuousClock.Instant)
        /// - since: how far the client was when the deadline was set.
        case awaitingPong(deadline: ContinuousClock.Instant, since: PeerProgress)
    }

    private let interval: Duration
    private let timeout: Duration
    private var state: State
    private(set) var isSuspended = false

    init(interval: Duration, timeout: Duration, now: ContinuousClock.Instant) {
        self.interval = interval
        self.timeout = timeout
        self.state = .quiet(nextPing: now + interval)
    }

    /// Whether a pong may bring the next ping forward: a client has more time for it than lies between pings.
    var pingsWhilePongIsDue: Bool { interval < timeout }

    /// What is due at `now`. Asked by the session's timer and whenever the peer makes a request, so that a stale
    /// session is found at the door too.
    /// - Parameter progress: how far the client is; asked only when a ping or a deadline is due.
    mutating func due(at now: ContinuousClock.Instant, progress: () -> PeerProgress) -> Action {
        switch state {
        case .quiet(let nextPing) where now >= nextPing:
            state = .awaitingPong(deadline: max(nextPing + timeout, now + timeout / 2), since: progress())
            return .sendPing
        case .awaitingPong where isSuspended:
            return .wait(until: now + timeout)
        case .awaitingPong(let deadline, let since) where now >= deadline:
            let progress = progress()
            guard progress.showsLife(since: since) else { return .close }
            state = .awaitingPong(deadline: now + timeout, since: progress)
            return .wait(until: now + timeout)
        case .quiet(let instant), .awaitingPong(let instant, _):
            return .wait(until: instant)
        }
    }

    /// A pong arrived. One that nobody asked for changes nothing, nor does one that is late.
    /// - Parameter judgesDeadline: false while the server reads what piled up during its own absence: when it arrived
    ///   is not known then.
    mutating func pongReceived(at now: ContinuousClock.Instant, judgesDeadline: Bool = true) {
        guard case .awaitingPong(let deadline, _) = state, isSuspended || !judgesDeadline || now < deadline
        else { return }
        state = .quiet(nextPing: now + interval)
    }

    /// The server stops reading from the session.
    mutating func suspend() {
        isSuspended = true
    }

    /// The server reads again; what waits in the kernel gets a whole timeout to be seen.
    mutating func resume(at now: ContinuousClock.Instant, progress: () -> PeerProgress) {
        guard isSuspended else { return }
        isSuspended = false
        if case .awaitingPong = state { state = .awaitingPong(deadline: now + timeout, since: progress()) }
    }
}
