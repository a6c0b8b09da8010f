/// Polling: each packet once, also when the network loses the answer of a request.
///
/// The last answer is kept until the client's next GET, with another `t`, proves that it arrived. The same `t` once more is
/// the same request, repeated by a browser or proxy: a GET gets the same answer, a POST with the same body is not handled
/// again. A copy so late that the client has gone on with other requests changes nothing.
extension EngineStateMachine {
    /// How long a request that lost its connection may take to come again.
    static let repeatTimeout = Duration.seconds(5)

    // MARK: GET

    /// A GET arrived.
    /// - Parameters:
    ///   - judgesHeartbeat: false while the server reads what piled up during its own absence.
    ///   - progress: how far the client is, asked when its heartbeat is to be judged.
    mutating func pollArrived(
        _ stamp: RequestStamp? = nil, at now: ContinuousClock.Instant, judgesHeartbeat: Bool = true,
        progress: () -> PeerProgress = { PeerProgress() }
    ) -> [Action] {
        switch phase {
        case .webSocket:
            return [.refuse(.badRequest)]
        case .closed:
            return [.refuse(.unknownSession)]
        case .over:
            return gets.repeatsAnswered(stamp) ? [.holdPoll, answerAgain()] : [.refuse(.unknownSession)]
        case .closing where gets.isLate(stamp), .polling where gets.isLate(stamp), .probing where gets.isLate(stamp):
            return [.answerNoop]
        case .closing(_, let isFinal):
            if gets.repeatsAnswered(stamp) { return [.holdPoll, answerAgain()] }
            wait(stamp)
            return [.holdPoll] + answerClosing(isFinal: isFinal, at: now)
        case .polling, .probing:
            if judgesHeartbeat, let actions = overdue(at: now, progress) { return [.refuse(.unknownSession)] + actions }
        }
        if gets.repeatsWaiting(stamp) { return [.dropPoll, .holdPoll] + flushPoll() }
        guard !gets.isWaiting else { return [.refuse(.badRequest)] + finish(.transportError, isFinal: true) }
        if gets.repeatsAnswered(stamp) { return [.holdPoll, answerAgain()] }
        wait(stamp)
        if case .probing(isAnswered: true, _) = phase, queue.isEmpty { return [.holdPoll, answer()] }
        return [.holdPoll] + flushPoll()
    }

    /// Answers the waiting GET if there is something to answer it with. Asked at the end of a turn, so that one
    /// answer carries what the turn produced.
    mutating func flushPoll() -> [Action] {
        guard isPollWaiting, !queue.isEmpty else { return [] }
        return [answer()]
    }

    /// The waiting GET's connection is gone. A browser repeats it; without a stamp the repeat could not be told from a
    /// second GET, and the client counts as gone.
    mutating func pollAbandoned(at now: ContinuousClock.Instant) -> [Action] {
        guard isPolling, gets.isWaiting else { return [] }
        guard gets.abandon() else { return finish(.transportClose) }
        gets.repeatDeadline = now + Self.repeatTimeout
        return []
    }

    private mutating func wait(_ stamp: RequestStamp?) {
        gets.wait(stamp)
        queue.prove()
    }

    /// Answers the waiting GET with what waits, or else with a noop.
    mutating func answer(_ ending: PollingGets.Ending = .nothing) -> Action {
        queue.give()
        let payload = payload(ending)
        if !gets.answer(ending) { queue.prove() }
        return .answerPoll(payload)
    }

    private func answerAgain() -> Action {
        .answerPoll(payload(gets.answered?.ending ?? .nothing))
    }

    private func payload(_ ending: PollingGets.Ending) -> [UInt8] {
        var payload = queue.givenPayload()
        switch ending {
        case .nothing:
            if payload.isEmpty { payload.append(UInt8(ascii: "6")) }
        case .close:
            if !payload.isEmpty { payload.append(PollingPayload.separator) }
            payload.append(UInt8(ascii: "1"))
        }
        return payload
    }

    /// Answers the waiting GET of a session that this side ends. The last answer says so when the end is final.
    mutating func answerClosing(isFinal: Bool, at now: ContinuousClock.Instant) -> [Action] {
        let isLast = queue.fitsOneAnswer(beside: isFinal ? 1 : 0)
        let answer = answer(isLast && isFinal ? .close : .nothing)
        return [answer] + (isLast ? leave(at: now) : [])
    }

    // MARK: POST

    /// A POST's head arrived, and its body has not.
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

    /// A POST arrived with its whole body.
    /// - Parameters:
    ///   - hasBegun: whether it is the one that the last ``Action/receivePost`` was about.
    ///   - judgesHeartbeat: false while the server reads what piled up during its own absence.
    mutating func postArrived(
        _ body: [UInt8], _ stamp: RequestStamp? = nil, hasBegun: Bool = false, at now: ContinuousClock.Instant,
        judgesHeartbeat: Bool = true, progress: () -> PeerProgress = { PeerProgress() }
    ) -> [Action] {
        if isPolling, judgesHeartbeat, let ended = overdue(at: now, progress) {
            return [.refuse(.unknownSession)] + ended
        }
        if phase != .closed, posts.wasHandled(stamp, body) {
            let isInPlace = !hasBegun && posts.isReceiving(stamp)
            posts.handleAgain(stamp, hasBegun: hasBegun || isInPlace)
            return (isInPlace ? [.dropPost] : []) + [.answerPost]
        }
        switch phase {
        case .webSocket:
            return [.refuse(.badRequest)]
        case .closing, .over, .closed:
            return [.refuse(.unknownSession)]
        case .polling, .probing:
            break
        }
        switch hasBegun ? .new : posts.beginning(stamp) {
        case .new: return handle(body, stamp, at: now, judgesHeartbeat: judgesHeartbeat)
        case .replacement: return [.dropPost] + handle(body, stamp, at: now, judgesHeartbeat: judgesHeartbeat)
        case .repeat, .overlap: return postsOverlap()
        }
    }

    /// A second POST began before the one in progress was answered.
    private mutating func postsOverlap() -> [Action] {
        [.refuse(.badRequest)] + finish(.transportError, isFinal: true)
    }

    private mutating func handle(
        _ body: [UInt8], _ stamp: RequestStamp?, at now: ContinuousClock.Instant, judgesHeartbeat: Bool
    ) -> [Action] {
        var messages: [ClientMessage] = []
        var hasClosed = false
        do {
            var payload = try PollingPayload(body)
            while !hasClosed, let packet = try payload.next() {
                switch packet {
                case .message(let message): messages.append(message)
                case .pong: heartbeat.pongReceived(at: now, judgesDeadline: judgesHeartbeat)
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

    /// For the application, if there are any.
    func deliver(_ messages: [ClientMessage]) -> [Action] {
        messages.isEmpty ? [] : [.deliver(messages)]
    }

    /// The POST in progress is answered, with its repeats.
    mutating func postAnswered() {
        posts.answer()
    }

    /// The POST in progress lost its connection, before its body had arrived or before it was answered, and so did its
    /// repeats. What came of its body is forgotten.
    mutating func postAbandoned(at now: ContinuousClock.Instant) -> [Action] {
        let mayComeAgain = posts.abandon(awaitingRepeatUntil: now + Self.repeatTimeout)
        return mayComeAgain == false && isPolling ? finish(.transportClose) : []
    }

    private mutating func closedByClient(at now: ContinuousClock.Instant) -> [Action] {
        // It takes nothing any more, the last answer neither.
        queue.removeAll()
        gets.prove()
        let answer = isPollWaiting ? [answer()] : []
        return answer + probeEnds() + [.end(.transportClose)] + leave(at: now)
    }
}
