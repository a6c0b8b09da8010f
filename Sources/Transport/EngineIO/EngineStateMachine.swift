/// What an Engine.IO session does with what its client sends (Engine.IO protocol 4): polling, upgrade, heartbeat,
/// closing.
///
/// A value without I/O: requests, packets and times go in, ``Action``s come out, to be carried out in order.
struct EngineStateMachine {
    enum Action: Equatable {
        /// The GET being handled waits for packets.
        case holdPoll
        /// The waiting GET is answered with this payload.
        case answerPoll([UInt8])
        /// The POST being handled is answered with `ok`.
        case answerPost
        /// The request being handled is refused.
        case refuse(EngineError)
        case deliver(EngineMessage)
        case sendOnProbe(String)
        /// The probing WebSocket becomes the session's transport and gets everything that waits.
        case adoptProbe
        case closeProbe
        case sendPing
        case closeWebSocket
        /// What waits for the client is given up.
        case resetWebSocket
        /// The application is told.
        case end(EngineCloseReason)
        /// The session id is free: requests that carry it are unknown from now on.
        case forget
    }

    private enum Phase: Equatable {
        case polling
        /// A WebSocket probes while polling goes on.
        case probing(isAnswered: Bool, deadline: ContinuousClock.Instant)
        case webSocket
        /// Ended by this side; the client's next GET takes what is left and learns of it.
        case closing(deadline: ContinuousClock.Instant)
        case closed
    }

    /// How long an ended polling session waits for the GET that learns of it.
    static let closeTimeout = Duration.seconds(30)

    private let upgradeTimeout: Duration
    private var phase: Phase
    private var heartbeat: Heartbeat
    private(set) var isPollWaiting = false
    private(set) var queue = PollingQueue()

    init(options: EngineOptions, isWebSocket: Bool, now: ContinuousClock.Instant) {
        upgradeTimeout = options.upgradeTimeout
        phase = isWebSocket ? .webSocket : .polling
        heartbeat = Heartbeat(interval: options.pingInterval, timeout: options.pingTimeout, now: now)
    }

    /// Whether packets go out on a WebSocket (and not into ``queue``).
    var isWebSocket: Bool { phase == .webSocket }

    var isClosed: Bool {
        switch phase {
        case .closing, .closed: true
        case .polling, .probing, .webSocket: false
        }
    }

    // MARK: Polling

    /// Queues packets for a polling client.
    mutating func enqueue(_ frames: Frames) {
        queue.append(frames)
    }

    /// A GET arrived.
    /// - Parameters:
    ///   - judgesHeartbeat: false while the server reads what piled up during its own absence.
    ///   - progress: how far the client is, asked when its heartbeat is to be judged.
    mutating func pollArrived(
        at now: ContinuousClock.Instant, judgesHeartbeat: Bool = true, progress: () -> PeerProgress = { PeerProgress() }
    ) -> [Action] {
        switch phase {
        case .webSocket:
            return [.refuse(.badRequest)]
        case .closed:
            return [.refuse(.unknownSession)]
        case .closing:
            phase = .closed
            isPollWaiting = true
            return [.holdPoll, answer(closing: true), .forget]
        case .polling, .probing:
            if judgesHeartbeat, let actions = overdue(at: now, progress) { return [.refuse(.unknownSession)] + actions }
            guard !isPollWaiting else { return [.refuse(.badRequest)] + finish(.transportError) }
            isPollWaiting = true
            if case .probing(isAnswered: true, _) = phase, queue.isEmpty { return [.holdPoll, answerWithNoop()] }
            return [.holdPoll] + flushPoll()
        }
    }

    /// A POST arrived with its whole body.
    mutating func postArrived(
        _ body: [UInt8], at now: ContinuousClock.Instant, judgesHeartbeat: Bool = true,
        progress: () -> PeerProgress = { PeerProgress() }
    ) -> [Action] {
        switch phase {
        case .webSocket:
            return [.refuse(.badRequest)]
        case .closing, .closed:
            return [.refuse(.unknownSession)]
        case .polling, .probing:
            if judgesHeartbeat, let actions = overdue(at: now, progress) { return [.refuse(.unknownSession)] + actions }
        }
        var actions: [Action] = []
        var isCloseRequested = false
        do {
            try PollingPayload.decode(body) { packet in
                switch packet {
                case .message(let message): actions.append(.deliver(message))
                case .pong: heartbeat.pongReceived(at: now, judgesDeadline: judgesHeartbeat)
                case .other: break
                case .close: isCloseRequested = true
                }
                return !isCloseRequested
            }
        } catch {
            return actions + [.refuse(.badRequest)] + finish(.parseError)
        }
        actions.append(.answerPost)
        return isCloseRequested ? actions + closedByClient() : actions
    }

    /// Answers the waiting GET if there is something to answer it with. Asked at the end of a turn, so that one
    /// answer carries what the turn produced.
    mutating func flushPoll() -> [Action] {
        guard isPollWaiting, !queue.isEmpty else { return [] }
        return [answer(closing: false)]
    }

    /// The waiting GET's connection is gone, or that of a POST whose body has not arrived: the client is too, unless it
    /// has a WebSocket by now.
    mutating func requestAbandoned() -> [Action] {
        guard phase != .webSocket else { return [] }
        isPollWaiting = false
        return finish(.transportClose)
    }

    /// A second POST began while one is being received.
    mutating func postsOverlap() -> [Action] {
        [.refuse(.badRequest)] + (phase == .webSocket ? [] : finish(.transportError))
    }

    private mutating func answer(closing: Bool) -> Action {
        isPollWaiting = false
        var payload = queue.takeAnswer(limit: closing ? .max : PollingQueue.maxPacketsPerAnswer)
        if closing {
            if !payload.isEmpty { payload.append(PollingPayload.separator) }
            payload.append(UInt8(ascii: "1"))
        }
        return .answerPoll(payload)
    }

    private mutating func answerWithNoop() -> Action {
        isPollWaiting = false
        return .answerPoll([UInt8(ascii: "6")])
    }

    private mutating func closedByClient() -> [Action] {
        let answer = isPollWaiting ? [answerWithNoop()] : []
        return answer + finish(.transportClose)
    }

    // MARK: Upgrade

    /// A WebSocket arrived that names this session.
    mutating func probeArrived(at now: ContinuousClock.Instant) -> [Action] {
        guard phase == .polling else { return [.closeProbe] }
        phase = .probing(isAnswered: false, deadline: now + upgradeTimeout)
        return []
    }

    /// The probing WebSocket received a text message.
    mutating func probeReceived(_ text: [UInt8]) -> [Action] {
        guard case .probing(let isAnswered, let deadline) = phase else { return [] }
        if !isAnswered, text == Array("2probe".utf8) {
            phase = .probing(isAnswered: true, deadline: deadline)
            return [.sendOnProbe("3probe")] + (isPollWaiting ? [answerWithNoop()] : [])
        }
        if isAnswered, text == [UInt8(ascii: "5")] {
            phase = .webSocket
            return (isPollWaiting ? [answerWithNoop()] : []) + [.adoptProbe]
        }
        phase = .polling
        return [.closeProbe]
    }

    /// The probing WebSocket is gone, or sent what is no text message; polling goes on.
    mutating func probeFailed() -> [Action] {
        guard case .probing = phase else { return [] }
        phase = .polling
        return [.closeProbe]
    }

    /// Everything that waits, for the WebSocket that has been adopted.
    mutating func takeQueue() -> [Frames] {
        queue.takeAll()
    }

    // MARK: WebSocket

    /// What a text message on the session's WebSocket means.
    enum Reception: Equatable {
        case deliver
        case ignore
        case close([Action])
    }

    /// A text message arrived on the session's WebSocket.
    /// - Parameter judgesHeartbeat: false while the server reads what piled up during its own absence.
    mutating func webSocketReceived(
        text: [UInt8], at now: ContinuousClock.Instant, judgesHeartbeat: Bool = true
    ) -> Reception {
        switch text.first {
        case UInt8(ascii: "4"):
            return .deliver
        case UInt8(ascii: "3"):
            heartbeat.pongReceived(at: now, judgesDeadline: judgesHeartbeat)
            return .ignore
        case UInt8(ascii: "0"), UInt8(ascii: "2"), UInt8(ascii: "5"), UInt8(ascii: "6"):
            return .ignore
        case UInt8(ascii: "1"):
            return .close([.closeWebSocket] + finish(.transportClose))
        default:
            return .close([.closeWebSocket] + finish(.parseError))
        }
    }

    /// The session's WebSocket is gone.
    mutating func webSocketEnded(_ reason: EngineCloseReason) -> [Action] {
        finish(reason)
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
        case .closing(let deadline):
            guard now >= deadline else { return ([], deadline) }
            phase = .closed
            return ([.forget], nil)
        case .polling, .probing, .webSocket:
            break
        }
        var actions: [Action] = []
        while true {
            switch heartbeat.due(at: now, progress: progress) {
            case .sendPing:
                actions.append(.sendPing)
            case .close:
                return (actions + resetTransport() + finish(.pingTimeout), nil)
            case .wait(let next):
                guard case .probing(_, let deadline) = phase else { return (actions, next) }
                guard now >= deadline else { return (actions, min(next, deadline)) }
                actions.append(contentsOf: probeFailed())
            }
        }
    }

    /// Judges the heartbeat at the door; nil while the session lives.
    private mutating func overdue(at now: ContinuousClock.Instant, _ progress: () -> PeerProgress) -> [Action]? {
        while true {
            switch heartbeat.due(at: now, progress: progress) {
            case .sendPing: enqueue(EnginePackets.ping)
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
        guard !heartbeat.isSuspended else { return }
        heartbeat.suspend()
        heartbeat.resume(at: now, progress: progress)
    }

    // MARK: Closing

    /// This side ends the session; what waits is still delivered.
    mutating func close(_ reason: EngineCloseReason, at now: ContinuousClock.Instant) -> [Action] {
        switch phase {
        case .closing, .closed:
            return []
        case .webSocket:
            return [.closeWebSocket] + finish(reason)
        case .polling, .probing:
            let probe = isProbing ? [Action.closeProbe] : []
            guard isPollWaiting else {
                phase = .closing(deadline: now + Self.closeTimeout)
                return probe + [.end(reason)]
            }
            phase = .closed
            return probe + [answer(closing: true), .end(reason), .forget]
        }
    }

    /// The session ends and nothing that waits is delivered.
    mutating func abort(_ reason: EngineCloseReason) -> [Action] {
        guard !isClosed else { return [] }
        return resetTransport() + finish(reason)
    }

    private var isProbing: Bool {
        if case .probing = phase { true } else { false }
    }

    private func resetTransport() -> [Action] {
        phase == .webSocket ? [.resetWebSocket] : []
    }

    private mutating func finish(_ reason: EngineCloseReason) -> [Action] {
        guard phase != .closed else { return [] }
        let wasEnded = isClosed
        var actions: [Action] = isProbing ? [.closeProbe] : []
        phase = .closed
        queue = PollingQueue()
        if isPollWaiting {
            isPollWaiting = false
            actions.append(.answerPoll([UInt8(ascii: "1")]))
        }
        if !wasEnded { actions.append(.end(reason)) }
        return actions + [.forget]
    }
}

/// The packets that every session sends.
enum EnginePackets {
    static let ping = Frames(text: "2")
}
