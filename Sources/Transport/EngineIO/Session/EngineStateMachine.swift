/// The protocol logic of an Engine.IO session (Engine.IO protocol 4): polling, upgrade, heartbeat, closing.
///
/// A value without I/O. Requests, packets and times are inputs; the results are ``Action``s, to be carried out in
/// order.
struct EngineStateMachine {
    enum Action: Equatable {
        /// Hold the GET being handled until packets are available.
        case holdPoll
        /// Drop the waiting GET without an answer, because its repeat is being handled.
        case dropPoll
        /// Answer the waiting GET with this payload.
        case answerPoll([UInt8])
        /// Answer the GET being handled with a noop. Its client does not wait for it any more.
        case answerNoop
        /// Make the POST being handled the POST in progress.
        case receivePost
        /// Drop the POST in progress without an answer, because its repeat is being handled.
        case dropPost
        /// Answer the POST being handled with `ok`, once the session reads from the client.
        case answerPost
        /// Reject the request being handled.
        case refuse(EngineError)
        /// Deliver these messages to the application.
        case deliver([ClientMessage])
        case sendOnProbe(String)
        /// Make the probing WebSocket the session's transport and send it the waiting packets.
        case adoptProbe
        /// Send the waiting packets on the probing WebSocket, without making it the session's transport.
        case sendQueueOnProbe
        case closeProbe
        case sendPing
        /// Restart the timer, because the next ping may be due before it fires.
        case restartTimer
        case closeWebSocket
        /// Reset the WebSocket and discard the output that waits for the client.
        case resetWebSocket
        /// Notify the application of the end.
        case end(EngineCloseReason)
        /// Release the session id. Later requests with it are unknown.
        case forget
    }

    enum Phase: Equatable {
        case polling
        /// A WebSocket probes while polling continues.
        case probing(isAnswered: Bool, deadline: ContinuousClock.Instant)
        case webSocket
        /// Ended by this side while the client completes its upgrade. The WebSocket stays open until the upgrade
        /// packet, and then gets the remaining packets.
        case closingUpgrade(deadline: ContinuousClock.Instant, isFinal: Bool)
        /// Ended by this side. The client's next GETs get the remaining packets, and a close packet if the end is
        /// final.
        case closing(deadline: ContinuousClock.Instant, isFinal: Bool)
        /// Ended. Only repeats of the last requests are answered.
        case answeringRepeats(deadline: ContinuousClock.Instant)
        case closed
    }

    /// The time that an ended polling session waits for the GET that fetches the remaining packets.
    static let closeTimeout = Duration.seconds(30)

    let upgradeTimeout: Duration
    var phase: Phase
    var heartbeat: Heartbeat
    @Outlined var gets: PollingGets
    @Outlined var posts: PollingPosts
    var queue: PollingQueue
    /// The packets without a message that the owner has not counted yet.
    var otherPackets = OtherPackets()

    init(options: EngineOptions, limits: Limits = Limits(), isWebSocket: Bool, now: ContinuousClock.Instant) {
        queue = PollingQueue(limits)
        upgradeTimeout = options.upgradeTimeout
        phase = isWebSocket ? .webSocket : .polling
        heartbeat = Heartbeat(interval: options.pingInterval, timeout: options.pingTimeout, now: now)
    }

    /// True if packets are sent on a WebSocket, not queued in ``queue``.
    var isWebSocket: Bool { phase == .webSocket }

    var isClosed: Bool {
        switch phase {
        case .closingUpgrade, .closing, .answeringRepeats, .closed: true
        case .polling, .probing, .webSocket: false
        }
    }

    /// True if the client polls, possibly while a WebSocket probes.
    var isPolling: Bool { !isWebSocket && !isClosed }

    var isPollWaiting: Bool { gets.isWaiting }

    /// Queues packets for a polling client.
    mutating func enqueue(_ frames: Frames) {
        queue.append(frames)
    }

    // MARK: Time

    /// Handles the deadlines that have passed at `now`.
    /// - Returns: the actions, and the time of the next call; nil if no deadline is left.
    mutating func due(
        at now: ContinuousClock.Instant, progress: () -> PeerProgress = { PeerProgress() }
    ) -> (actions: [Action], next: ContinuousClock.Instant?) {
        switch phase {
        case .closed:
            return ([], nil)
        case .closingUpgrade(let deadline, _):
            return now >= deadline ? due(at: now, after: probeFailed(at: now)) : ([], deadline)
        case .closing(let deadline, _), .answeringRepeats(let deadline):
            return now >= deadline ? (finish(.transportClose), nil) : ([], deadline)
        case .polling, .probing, .webSocket:
            break
        }
        if let deadline = repeatDeadline, now >= deadline { return (resetTransport() + finish(.transportClose), nil) }
        var actions: [Action] = []
        while true {
            switch heartbeat.due(at: now, progress: progress) {
            case .sendPing:
                actions.append(.sendPing)
            case .close:
                return due(at: now, after: actions + abort(.pingTimeout))
            case .wait(let next):
                let next = min(next, repeatDeadline ?? next)
                guard case .probing(_, let deadline) = phase else { return (actions, next) }
                guard now >= deadline else { return (actions, min(next, deadline)) }
                if heartbeat.isSuspended {
                    // The client may wait for the answer to a POST before it upgrades.
                    extendUpgrade(at: now)
                    return (actions, min(next, now + upgradeTimeout))
                }
                actions.append(contentsOf: probeFailed(at: now))
            }
        }
    }

    /// Handles the remaining deadlines of a session that has just ended.
    private mutating func due(
        at now: ContinuousClock.Instant, after actions: [Action]
    ) -> (actions: [Action], next: ContinuousClock.Instant?) {
        let rest = due(at: now)
        return (actions + rest.actions, rest.next)
    }

    /// The time by which a request that lost its connection must be repeated.
    private var repeatDeadline: ContinuousClock.Instant? {
        guard let first = gets.repeatDeadline, let second = posts.repeatDeadline else {
            return gets.repeatDeadline ?? posts.repeatDeadline
        }
        return min(first, second)
    }

    /// Checks the heartbeat before a request is handled.
    /// - Returns: the actions that end the session; nil if it is alive.
    mutating func checkHeartbeat(at now: ContinuousClock.Instant, _ progress: () -> PeerProgress) -> [Action]? {
        while true {
            switch heartbeat.due(at: now, progress: progress) {
            case .sendPing: enqueue(EnginePacket.ping)
            case .close: return finish(.pingTimeout)
            case .wait: return nil
            }
        }
    }

    /// Suspends or resumes the deadlines of the heartbeat and of an upgrade when the server stops or resumes reading
    /// from the client.
    mutating func setReading(
        _ reading: Bool, at now: ContinuousClock.Instant, progress: () -> PeerProgress = { PeerProgress() }
    ) {
        guard reading else { return heartbeat.suspend() }
        if heartbeat.isSuspended { extendUpgrade(at: now) }
        heartbeat.resume(at: now, progress: progress)
    }

    /// Extends the deadlines, because the server may not yet have read what the client sent.
    mutating func extendDeadlines(at now: ContinuousClock.Instant, progress: () -> PeerProgress = { PeerProgress() }) {
        if gets.repeatDeadline != nil { gets.repeatDeadline = now + Self.repeatTimeout }
        if posts.repeatDeadline != nil { posts.repeatDeadline = now + Self.repeatTimeout }
        extendUpgrade(at: now)
        guard !heartbeat.isSuspended else { return }
        heartbeat.suspend()
        heartbeat.resume(at: now, progress: progress)
    }

    /// Gives the client a whole timeout to complete its upgrade.
    private mutating func extendUpgrade(at now: ContinuousClock.Instant) {
        switch phase {
        case .probing(let isAnswered, _):
            phase = .probing(isAnswered: isAnswered, deadline: now + upgradeTimeout)
        case .closingUpgrade(_, let isFinal):
            phase = .closingUpgrade(deadline: now + upgradeTimeout, isFinal: isFinal)
        case .polling, .webSocket, .closing, .answeringRepeats, .closed:
            break
        }
    }

    // MARK: Closing

    /// Ends the session. Waiting packets are still delivered.
    /// - Parameters:
    ///   - reason: the reason that the application gets.
    ///   - isFinal: true to send a polling client a close packet, after which some clients do not reconnect.
    mutating func close(
        _ reason: EngineCloseReason, isFinal: Bool = true, at now: ContinuousClock.Instant
    ) -> [Action] {
        switch phase {
        case .closingUpgrade, .closing, .answeringRepeats, .closed:
            return []
        case .webSocket:
            return [.closeWebSocket] + finish(reason)
        case .probing(isAnswered: true, _):
            // The end answers the POST for which the client waits.
            if heartbeat.isSuspended { extendUpgrade(at: now) }
            return endDuringUpgrade(reason, isFinal: isFinal)
        case .polling, .probing:
            break
        }
        let probe = probeEnds()
        gets.repeatDeadline = nil
        posts.repeatDeadline = nil
        guard isPollWaiting else { return probe + [.end(reason)] + awaitLastPoll(isFinal: isFinal, at: now) }
        phase = .closing(deadline: now + Self.closeTimeout, isFinal: isFinal)
        let answer = answerClosing(isFinal: isFinal, at: now)
        return probe + [answer[0], .end(reason)] + answer.dropFirst()
    }

    /// Begins to wait for the GETs that fetch the remaining packets of an ended session, unless there is nothing to
    /// fetch.
    mutating func awaitLastPoll(isFinal: Bool, at now: ContinuousClock.Instant) -> [Action] {
        phase = .closing(deadline: now + Self.closeTimeout, isFinal: isFinal)
        return isFinal || !queue.isEmpty ? [] : finishDelivery(at: now)
    }

    /// Ends the session and discards the packets that wait.
    mutating func abort(_ reason: EngineCloseReason) -> [Action] {
        guard !isClosed else { return [] }
        if case .probing(isAnswered: true, _) = phase {
            queue.removeAll()
            gets.confirmAnswer()
            return endDuringUpgrade(reason, isFinal: false)
        }
        return resetTransport() + finish(reason)
    }

    /// Ends a polling session because the loop has ended. The connections of its requests are already closed.
    mutating func abandon() -> [Action] {
        guard !isWebSocket else { return [] }
        forgetGets()
        return finish(.transportClose)
    }

    mutating func forgetGets() {
        _gets.reset()
    }

    /// Ends the probe, if there is one.
    func probeEnds() -> [Action] {
        switch phase {
        case .probing, .closingUpgrade: [.closeProbe]
        case .polling, .webSocket, .closing, .answeringRepeats, .closed: []
        }
    }

    private func resetTransport() -> [Action] {
        phase == .webSocket ? [.resetWebSocket] : []
    }

    /// Ends a session whose packets are all delivered. The last requests may still be repeated.
    mutating func finishDelivery(at now: ContinuousClock.Instant) -> [Action] {
        guard gets.answered != nil || posts.mayBeRepeated else {
            phase = .closed
            return [.forget]
        }
        phase = .answeringRepeats(deadline: now + Self.repeatTimeout)
        return []
    }

    /// Ends the session at once. Waiting packets are discarded, and repeats are not answered.
    /// - Parameters:
    ///   - reason: the reason that the application gets, unless the session has ended before.
    ///   - isFinal: true to answer a waiting GET with a close packet. If false, its client reconnects when its next
    ///     request is rejected.
    mutating func finish(_ reason: EngineCloseReason, isFinal: Bool = false) -> [Action] {
        guard phase != .closed else { return [] }
        let wasEnded = isClosed
        var actions = probeEnds()
        phase = .closed
        queue.removeAll()
        if isPollWaiting { actions.append(answer(isFinal ? .close : .nothing)) }
        forgetGets()
        if !wasEnded { actions.append(.end(reason)) }
        return actions + [.forget]
    }
}
