/// Polling requests: every packet is delivered once, even if the network loses an answer.
///
/// The last answer is kept until a GET with another `t` proves that it arrived. The same `t` means the same request,
/// repeated by a browser or proxy: a GET gets the same answer again, and a POST with the same body is not handled
/// again. A late copy of an older request has no effect.
extension EngineStateMachine {
    /// The time within which a request that lost its connection must be repeated.
    static let repeatTimeout = Duration.seconds(5)

    // MARK: GET

    /// Handles a GET.
    /// - Parameters:
    ///   - stamp: the GET's stamp; nil if it is never treated as a repeat.
    ///   - checksHeartbeat: false while the server reads input that accumulated while it did not run.
    ///   - progress: the client's progress, used if a heartbeat deadline has passed.
    mutating func pollArrived(
        _ stamp: RequestStamp? = nil, at now: ContinuousClock.Instant, checksHeartbeat: Bool = true,
        progress: () -> PeerProgress = { PeerProgress() }
    ) -> [Action] {
        switch phase {
        case .webSocket:
            return [.refuse(.badRequest)]
        case .closed:
            return [.refuse(.unknownSession)]
        case .answeringRepeats:
            return gets.repeatsAnswered(stamp) ? repeatLastAnswer() : [.refuse(.unknownSession)]
        case .polling where gets.isLate(stamp), .probing where gets.isLate(stamp),
            .closingUpgrade where gets.isLate(stamp), .closing where gets.isLate(stamp):
            return [.answerNoop]
        case .closingUpgrade(_, let isFinal):
            return pollArrived(stamp, duringUpgradeOfEnded: isFinal, at: now)
        case .closing(_, let isFinal):
            if gets.repeatsAnswered(stamp) { return repeatLastAnswer() }
            beginWaiting(stamp)
            return [.holdPoll] + answerClosing(isFinal: isFinal, at: now)
        case .polling, .probing:
            if checksHeartbeat, let actions = checkHeartbeat(at: now, progress) {
                return [.refuse(.unknownSession)] + actions
            }
        }
        if gets.repeatsWaiting(stamp) { return [.dropPoll, .holdPoll] + flushPoll() }
        guard !gets.isWaiting else { return [.refuse(.badRequest)] + finish(.transportError, isFinal: true) }
        if gets.repeatsAnswered(stamp) { return repeatLastAnswer() }
        beginWaiting(stamp)
        if case .probing(isAnswered: true, _) = phase, queue.isEmpty { return [.holdPoll, answer()] }
        return [.holdPoll] + flushPoll()
    }

    /// Handles a GET of a session that this side has ended, while its client completes the upgrade. The WebSocket stays
    /// open unless the answer shows the client that the session has ended.
    private mutating func pollArrived(
        _ stamp: RequestStamp?, duringUpgradeOfEnded isFinal: Bool, at now: ContinuousClock.Instant
    ) -> [Action] {
        if gets.repeatsAnswered(stamp) { return repeatLastAnswer() }
        guard isFinal || !queue.isEmpty else {
            gets.confirmAnswer()
            return [.refuse(.unknownSession), .closeProbe] + finishDelivery(at: now)
        }
        beginWaiting(stamp)
        guard isFinal, queue.fitsOneAnswer(beside: 1) else { return [.holdPoll, answer()] }
        return [.holdPoll, answer(.close), .closeProbe] + finishDelivery(at: now)
    }

    /// Answers the waiting GET if packets wait. Called at the end of a turn, so that one answer contains the output of
    /// the turn.
    mutating func flushPoll() -> [Action] {
        guard isPollWaiting, !queue.isEmpty else { return [] }
        return [answer()]
    }

    /// Handles the loss of the waiting GET's connection. A browser repeats the GET, which its stamp identifies. If the
    /// GET has no stamp, its repeat would look like another GET, so the session ends.
    mutating func pollAbandoned(at now: ContinuousClock.Instant) -> [Action] {
        guard isPolling, gets.isWaiting else { return [] }
        guard gets.abandon() else { return finish(.transportClose) }
        gets.repeatDeadline = now + Self.repeatTimeout
        return []
    }

    private mutating func beginWaiting(_ stamp: RequestStamp?) {
        gets.wait(stamp)
        queue.confirmAnswer()
    }

    /// Answers the waiting GET with the waiting packets, or with a noop.
    mutating func answer(_ ending: PollingGets.Ending = .nothing) -> Action {
        queue.prepareAnswer()
        let payload = payload(ending)
        if !gets.answer(ending) { queue.confirmAnswer() }
        return .answerPoll(payload)
    }

    /// Answers a repeated GET. A client that repeats it again and again is no browser with a lost answer.
    private mutating func repeatLastAnswer() -> [Action] {
        guard gets.countRepeat() else {
            return [.refuse(.badRequest)] + (isPolling ? finish(.transportError, isFinal: true) : [])
        }
        return [.holdPoll, .answerPoll(payload(gets.answered?.ending ?? .nothing))]
    }

    private func payload(_ ending: PollingGets.Ending) -> [UInt8] {
        var payload = queue.answerPayload()
        switch ending {
        case .nothing:
            if payload.isEmpty { payload.append(UInt8(ascii: "6")) }
        case .close:
            if !payload.isEmpty { payload.append(PollingPayload.separator) }
            payload.append(UInt8(ascii: "1"))
        }
        return payload
    }

    /// Answers the waiting GET of a session that this side ends. If the end is final, the last answer contains a close
    /// packet.
    mutating func answerClosing(isFinal: Bool, at now: ContinuousClock.Instant) -> [Action] {
        let isLast = queue.fitsOneAnswer(beside: isFinal ? 1 : 0)
        let answer = answer(isLast && isFinal ? .close : .nothing)
        return [answer] + (isLast ? finishDelivery(at: now) : [])
    }

    // MARK: POST

    /// Handles the head of a POST, before its body.
    mutating func postBegan(_ stamp: RequestStamp?) -> [Action] {
        guard isPolling else { return [] }
        switch posts.beginning(stamp) {
        case .new:
            posts.receive(stamp)
            return [.receivePost]
        case .replacement:
            posts.receive(stamp)
            return [.dropPost, .receivePost]
        case .repeat:
            return []
        case .overlap:
            return postsOverlap()
        }
    }

    /// Handles a POST whose body is complete.
    /// - Parameters:
    ///   - body: the body of the request.
    ///   - stamp: the POST's stamp; nil if it is never treated as a repeat.
    ///   - hasBegun: true if the last ``Action/receivePost`` was for this POST.
    ///   - checksHeartbeat: false while the server reads input that accumulated while it did not run.
    ///   - progress: the client's progress, used if a heartbeat deadline has passed.
    mutating func postArrived(
        _ body: [UInt8], _ stamp: RequestStamp? = nil, hasBegun: Bool = false, at now: ContinuousClock.Instant,
        checksHeartbeat: Bool = true, progress: () -> PeerProgress = { PeerProgress() }
    ) -> [Action] {
        if isPolling, checksHeartbeat, let ended = checkHeartbeat(at: now, progress) {
            return [.refuse(.unknownSession)] + ended
        }
        if phase != .closed, posts.wasHandled(stamp, body) {
            guard posts.countRepeat() else { return isPolling ? postsOverlap() : [.refuse(.badRequest)] }
            otherPackets.add(byteCount: body.count)
            let isInPlace = !hasBegun && posts.isReceiving(stamp)
            posts.handleAgain(stamp, hasBegun: hasBegun || isInPlace)
            return (isInPlace ? [.dropPost] : []) + [.answerPost]
        }
        switch phase {
        case .webSocket:
            return [.refuse(.badRequest)]
        case .closingUpgrade, .closing, .answeringRepeats, .closed:
            return [.refuse(.unknownSession)]
        case .polling, .probing:
            break
        }
        switch hasBegun ? .new : posts.beginning(stamp) {
        case .new: return handle(body, stamp, at: now, checksHeartbeat: checksHeartbeat)
        case .replacement: return [.dropPost] + handle(body, stamp, at: now, checksHeartbeat: checksHeartbeat)
        case .repeat, .overlap: return postsOverlap()
        }
    }

    /// Ends the session, because a second POST began before the one in progress was answered.
    private mutating func postsOverlap() -> [Action] {
        [.refuse(.badRequest)] + finish(.transportError, isFinal: true)
    }

    private mutating func handle(
        _ body: [UInt8], _ stamp: RequestStamp?, at now: ContinuousClock.Instant, checksHeartbeat: Bool
    ) -> [Action] {
        var messages: [ClientMessage] = []
        var hasClosed = false
        do {
            var payload = try PollingPayload(body)
            while !hasClosed, let packet = try payload.next() {
                if !packet.isMessage { otherPackets.add(byteCount: payload.lastSize) }
                switch packet {
                case .message(let message): messages.append(message)
                case .pong: heartbeat.pongReceived(at: now, checksDeadline: checksHeartbeat)
                case .other: break
                case .close: hasClosed = true
                }
            }
        } catch {
            return deliver(messages) + [.refuse(.badRequest)] + finish(.parseError, isFinal: true)
        }
        posts.handle(stamp, body)
        let actions = deliver(messages) + [.answerPost]
        if hasClosed { return actions + closedByClient(at: now) }
        return actions + (heartbeat.pingsWhilePongIsDue ? [.restartTimer] : [])
    }

    /// Delivers messages to the application, if there are any.
    func deliver(_ messages: [ClientMessage]) -> [Action] {
        messages.isEmpty ? [] : [.deliver(messages)]
    }

    /// Records that the POST in progress and its repeats were answered.
    mutating func postAnswered() {
        posts.answer()
    }

    /// Handles the loss of the connections of the POST in progress and its repeats. The received part of its body is
    /// discarded. If the session has ended or is upgraded, nothing depends on a repeat of the POST.
    mutating func postAbandoned(at now: ContinuousClock.Instant) -> [Action] {
        let mayComeAgain = posts.abandon(awaitingRepeatUntil: isPolling ? now + Self.repeatTimeout : nil)
        return mayComeAgain == false && isPolling ? finish(.transportClose) : []
    }

    private mutating func closedByClient(at now: ContinuousClock.Instant) -> [Action] {
        // The client reads nothing more, so neither the queue nor the last answer is needed.
        queue.removeAll()
        gets.confirmAnswer()
        let answer = isPollWaiting ? [answer()] : []
        return answer + probeEnds() + [.end(.transportClose)] + finishDelivery(at: now)
    }
}
