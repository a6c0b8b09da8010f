/// The session's WebSocket, and the WebSocket that probes.
extension EngineStateMachine {
    // MARK: Upgrade

    /// Handles a WebSocket that asks to become this session's transport.
    /// - Returns: true if it may probe.
    mutating func probeArrived(at now: ContinuousClock.Instant) -> Bool {
        guard phase == .polling else { return false }
        phase = .probing(isAnswered: false, deadline: now + upgradeTimeout)
        return true
    }

    /// Handles a message on the probing WebSocket.
    mutating func probeReceived(_ message: ClientMessage, at now: ContinuousClock.Instant) -> [Action] {
        switch phase {
        case .probing(isAnswered: false, let deadline) where message == .text(Array("2probe".utf8)):
            phase = .probing(isAnswered: true, deadline: deadline)
            return [.sendOnProbe("3probe")] + (isPollWaiting ? [answer()] : [])
        case .probing(isAnswered: true, _) where message == Self.upgradePacket:
            phase = .webSocket
            // No GET waits, because each GET has been answered at once since the probe was answered.
            forgetGets()
            posts.forgetUnfinished()
            return [.adoptProbe]
        case .closingUpgrade where message == Self.upgradePacket:
            phase = .closed
            return [.sendQueueOnProbe, .closeProbe, .forget]
        default:
            return probeFailed(at: now)
        }
    }

    private static let upgradePacket = ClientMessage.text([UInt8(ascii: "5")])

    /// Ends the probe, because its WebSocket closed, sent an unexpected message or took too long. Polling continues.
    mutating func probeFailed(at now: ContinuousClock.Instant) -> [Action] {
        switch phase {
        case .probing:
            phase = .polling
            return [.closeProbe]
        case .closingUpgrade(_, let isFinal):
            return [.closeProbe] + awaitLastPoll(isFinal: isFinal, at: now)
        case .polling, .webSocket, .closing, .answeringRepeats, .closed:
            return []
        }
    }

    /// Ends a session whose probe has been answered. The client then pauses polling, sends the upgrade packet and uses
    /// only the WebSocket. If the WebSocket closed before that packet, official clients would neither poll again nor
    /// notice the end before their ping timeout. So the WebSocket stays open until the packet arrives, or until the
    /// upgrade's deadline.
    mutating func endDuringUpgrade(_ reason: EngineCloseReason, isFinal: Bool) -> [Action] {
        guard case .probing(_, let deadline) = phase else { return [] }
        phase = .closingUpgrade(deadline: deadline, isFinal: isFinal)
        return [.end(reason)]
    }

    /// Removes the waiting packets for the WebSocket. The upgrade packet has confirmed the last answer.
    mutating func takeQueue() -> [Frames] {
        queue.takeAll()
    }

    // MARK: WebSocket

    /// Handles messages on the session's WebSocket.
    /// - Parameters:
    ///   - messages: the messages that one read completed, in order.
    ///   - checksHeartbeat: false while the server reads input that accumulated while it did not run.
    mutating func webSocketReceived(
        _ messages: [ClientMessage], at now: ContinuousClock.Instant, checksHeartbeat: Bool = true
    ) -> [Action] {
        // Usually all messages are for the application, so pass the array on without a copy.
        if messages.allSatisfy(\.isForApplication) { return [.deliver(messages)] }
        var received: [ClientMessage] = []
        var actions: [Action] = []
        do {
            for message in messages where actions.isEmpty {
                let packet = try EnginePacket(message)
                if !packet.isMessage, case .text(let text) = message { otherPackets.add(byteCount: text.count) }
                switch packet {
                case .message(let message): received.append(message)
                case .pong: heartbeat.pongReceived(at: now, checksDeadline: checksHeartbeat)
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

    /// Handles the end of the session's WebSocket.
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
