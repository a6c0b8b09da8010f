/// WebSockets: the one that carries the session, and the one that asks to.
extension EngineStateMachine {
    // MARK: Upgrade

    /// A WebSocket arrived that names this session.
    /// - Returns: whether it may probe.
    mutating func probeArrived(at now: ContinuousClock.Instant) -> Bool {
        guard phase == .polling else { return false }
        phase = .probing(isAnswered: false, deadline: now + upgradeTimeout)
        return true
    }

    /// The probing WebSocket received a message.
    mutating func probeReceived(_ message: ClientMessage) -> [Action] {
        guard case .probing(let isAnswered, let deadline) = phase else { return [] }
        if !isAnswered, message == .text(Array("2probe".utf8)) {
            phase = .probing(isAnswered: true, deadline: deadline)
            return [.sendOnProbe("3probe")] + (isPollWaiting ? [answer()] : [])
        }
        if isAnswered, message == .text([UInt8(ascii: "5")]) {
            phase = .webSocket
            // No GET waits: since the probe was answered, each has been answered at once.
            gets = PollingGets()
            posts.forgetUnfinished()
            return [.adoptProbe]
        }
        return probeFailed()
    }

    /// The probing WebSocket is gone, or sent something else; polling goes on.
    mutating func probeFailed() -> [Action] {
        guard case .probing = phase else { return [] }
        phase = .polling
        return [.closeProbe]
    }

    /// Everything that waits, for the WebSocket that has been adopted. That it has been proves the last answer.
    mutating func takeQueue() -> [Frames] {
        queue.takeAll()
    }

    // MARK: WebSocket

    /// Messages arrived on the session's WebSocket.
    /// - Parameter judgesHeartbeat: false while the server reads what piled up during its own absence.
    mutating func webSocketReceived(
        _ messages: [ClientMessage], at now: ContinuousClock.Instant, judgesHeartbeat: Bool = true
    ) -> [Action] {
        // Nearly always all of them are for the application, which gets them in the array they came in.
        if messages.allSatisfy(\.isForApplication) { return [.deliver(messages)] }
        var received: [ClientMessage] = []
        var actions: [Action] = []
        do {
            for message in messages where actions.isEmpty {
                switch try EnginePacket(message) {
                case .message(let message): received.append(message)
                case .pong: heartbeat.pongReceived(at: now, judgesDeadline: judgesHeartbeat)
                case .other: break
                case .close: actions = closeWebSocket(.transportClose)
                }
            }
        } catch {
            actions = closeWebSocket(.parseError)
        }
        if actions.isEmpty, heartbeat.pingsWhilePongIsDue { actions.append(.restartTimer) }
        return deliver(received) + actions
    }

    private mutating func closeWebSocket(_ reason: EngineCloseReason) -> [Action] {
        [.closeWebSocket] + finish(reason)
    }

    /// The session's WebSocket is gone.
    mutating func webSocketEnded(_ reason: EngineCloseReason) -> [Action] {
        finish(reason)
    }
}

extension ClientMessage {
    fileprivate var isForApplication: Bool {
        switch self {
        case .text(let text): text.first == UInt8(ascii: "4")
        case .binary: true
        }
    }
}
