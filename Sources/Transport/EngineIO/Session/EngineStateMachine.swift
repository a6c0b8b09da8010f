/// What an Engine.IO session does with what its client sends (Engine.IO protocol 4): polling, upgrade, heartbeat,
/// closing.
///
/// A value without I/O: requests, packets and times go in, ``Action``s come out, to be carried out in order.
struct EngineStateMachine {
    enum Action: Equatable {
        /// The GET being handled waits for packets.
        case holdPoll
        /// The GET that waits is dropped without an answer: its repeat is being handled.
        case dropPoll
        /// The waiting GET is answered with this payload.
        case answerPoll([UInt8])
        /// The GET being handled is answered with a noop: its client does not wait for it any more.
        case answerNoop
        /// The POST being handled is the one in progress.
        case receivePost
        /// The POST in progress is dropped without an answer: its repeat is being handled.
        case dropPost
        /// The POST being handled is answered with `ok`, as soon as the client is read.
        case answerPost
        /// The request being handled is refused.
        case refuse(EngineError)
        /// The application gets these messages.
        case deliver([ClientMessage])
        case sendOnProbe(String)
        /// The probing WebSocket becomes the session's transport and gets everything that waits.
        case adoptProbe
        case closeProbe
        case sendPing
        /// The next ping is due before the timer that runs.
        case restartTimer
        case closeWebSocket
        /// What waits for the client is given up.
        case resetWebSocket
        /// The application is told.
        case end(EngineCloseReason)
        /// The session id is free: requests that carry it are unknown from now on.
        case forget
    }

    enum Phase: Equatable {
        case polling
        /// A WebSocket probes while polling goes on.
        case probing(isAnswered: Bool, deadline: ContinuousClock.Instant)
        case webSocket
        /// Ended by this side; the client's next GETs take what is left. If the end is final, they learn of it.
        case closing(deadline: ContinuousClock.Instant, isFinal: Bool)
        /// Over. The last requests are answered again when they are repeated, and no others.
        case over(deadline: ContinuousClock.Instant)
        case closed
    }

    /// How long an ended polling session waits for the GET that learns of it.
    static let closeTimeout = Duration.seconds(30)

    let upgradeTimeout: Duration
    var phase: Phase
    var heartbeat: Heartbeat
    var gets = PollingGets()
    var posts = PollingPosts()
    var queue: PollingQueue

    init(options: EngineOptions, limits: Limits = Limits(), isWebSocket: Bool, now: ContinuousClock.Instant) {
        queue = PollingQueue(limits)
        upgradeTimeout = options.upgradeTimeout
        phase = isWebSocket ? .webSocket : .polling
        heartbeat = Heartbeat(interval: options.pingInterval, timeout: options.pingTimeout, now: now)
    }

    /// Whether packets go out on a WebSocket (and not into ``queue``).
    var isWebSocket: Bool { phase == .webSocket }

    var isClosed: Bool {
        switch phase {
        case .closing, .over, .closed: true
        case .polling, .probing, .webSocket: false
        }
    }

    /// Whether the client polls, possibly while a WebSocket probes.
    var isPolling: Bool { !isWebSocket && !isClosed }

    var isPollWaiting: Bool { gets.isWaiting }

    /// Queues packets for a polling client.
    mutating func enqueue(_ frames: Frames) {
        queue.append(frames)
    }

    // MARK: Time

    /// Carries out what is due at `now`.
    /// - Returns: the actions and when to ask again; nil when nothing is due any more.
    mutating func due(
        at now: ContinuousClock.Instant, progress: () -> PeerProgress = { PeerProgress() }
    ) -> (actions: [Action], next: ContinuousClock.Instant?) {
        switch phase {
        case .closed:
            return ([], nil)
        case .closing(let deadline, _), .over(let deadline):
            return now >= deadline ? (finish(.transportClose), nil) : ([], deadline)
        case .polling, .probing, .webSocket:
            break
        }
        if let deadline = repeatDeadline, now >= deadline { return (finish(.transportClose), nil) }
        var actions: [Action] = []
        while true {
            switch heartbeat.due(at: now, progress: progress) {
            case .sendPing:
                actions.append(.sendPing)
            case .close:
                return (actions + resetTransport() + finish(.pingTimeout), nil)
            case .wait(let next):
                let next = min(next, repeatDeadline ?? next)
                guard case .probing(_, let deadline) = phase else { return (actions, next) }
                guard now >= deadline else { return (actions, min(next, deadline)) }
                actions.append(contentsOf: probeFailed())
            }
        }
    }

    /// Until when a request that lost its connection must have come again.
    private var repeatDeadline: ContinuousClock.Instant? {
        guard let first = gets.repeatDeadline, let second = posts.repeatDeadline else {
            return gets.repeatDeadline ?? posts.repeatDeadline
        }
        return min(first, second)
    }

    /// Judges the heartbeat at the door; nil while the session lives.
    mutating func overdue(at now: ContinuousClock.Instant, _ progress: () -> PeerProgress) -> [Action]? {
        while true {
            switch heartbeat.due(at: now, progress: progress) {
            case .sendPing: enqueue(EnginePacket.ping)
            case .close: return finish(.pingTimeout)
            case .wait: return nil
            }
        }
    }

    /// The server stops or goes on reading from the client.
    mutating func setReading(
        _ reading: Bool, at now: ContinuousClock.Instant, progress: () -> PeerProgress = { PeerProgress() }
    ) {
        if reading { heartbeat.resume(at: now, progress: progress) } else { heartbeat.suspend() }
    }

    /// The server has not read what the client may have sent.
    mutating func reprieve(at now: ContinuousClock.Instant, progress: () -> PeerProgress = { PeerProgress() }) {
        if gets.repeatDeadline != nil { gets.repeatDeadline = now + Self.repeatTimeout }
        if posts.repeatDeadline != nil { posts.repeatDeadline = now + Self.repeatTimeout }
        guard !heartbeat.isSuspended else { return }
        heartbeat.suspend()
        heartbeat.resume(at: now, progress: progress)
    }

    // MARK: Closing

    /// This side ends the session; what waits is still delivered.
    /// - Parameter isFinal: whether a polling client is told not to come back.
    mutating func close(
        _ reason: EngineCloseReason, isFinal: Bool = true, at now: ContinuousClock.Instant
    ) -> [Action] {
        switch phase {
        case .closing, .over, .closed:
            return []
        case .webSocket:
            return [.closeWebSocket] + finish(reason)
        case .polling, .probing:
            break
        }
        let probe = probeEnds()
        gets.repeatDeadline = nil
        posts.repeatDeadline = nil
        phase = .closing(deadline: now + Self.closeTimeout, isFinal: isFinal)
        if isPollWaiting {
            let answer = answerClosing(isFinal: isFinal, at: now)
            return probe + [answer[0], .end(reason)] + answer.dropFirst()
        }
        return probe + [.end(reason)] + (isFinal || !queue.isEmpty ? [] : leave(at: now))
    }

    /// The session ends and nothing that waits is delivered.
    mutating func abort(_ reason: EngineCloseReason) -> [Action] {
        guard !isClosed else { return [] }
        return resetTransport() + finish(reason)
    }

    /// Nobody can be served any more.
    mutating func abandon() -> [Action] {
        guard !isWebSocket else { return [] }
        gets = PollingGets()
        return finish(.transportClose)
    }

    /// Ends the probe, if there is one.
    func probeEnds() -> [Action] {
        if case .probing = phase { [.closeProbe] } else { [] }
    }

    private func resetTransport() -> [Action] {
        phase == .webSocket ? [.resetWebSocket] : []
    }

    /// Everything is delivered and said. The last requests may still be repeated.
    mutating func leave(at now: ContinuousClock.Instant) -> [Action] {
        guard gets.answered != nil || posts.mayBeRepeated else {
            phase = .closed
            return [.forget]
        }
        phase = .over(deadline: now + Self.repeatTimeout)
        return []
    }

    /// Ends the session at once. Nothing that waits is delivered, and nothing is answered again.
    /// - Parameter isFinal: whether a waiting GET is told not to come back. Else its client comes back when its next
    ///   request is refused.
    mutating func finish(_ reason: EngineCloseReason, isFinal: Bool = false) -> [Action] {
        guard phase != .closed else { return [] }
        let wasEnded = isClosed
        var actions = probeEnds()
        phase = .closed
        queue.removeAll()
        if isPollWaiting { actions.append(answer(isFinal ? .close : .nothing)) }
        gets = PollingGets()
        if !wasEnded { actions.append(.end(reason)) }
        return actions + [.forget]
    }
}
