import Testing

@testable import Transport

@Suite("Engine.IO session: handling of requests, packets and time")
struct EngineStateMachineTests {
    static let options = EngineOptions(pingInterval: .milliseconds(300), pingTimeout: .milliseconds(200))
    let start = ContinuousClock.now
    var session: EngineStateMachine

    init() {
        session = EngineStateMachine(options: Self.options, isWebSocket: false, now: start)
    }

    private func after(_ milliseconds: Int) -> ContinuousClock.Instant { start + .milliseconds(milliseconds) }

    private mutating func post(_ payload: String, at time: Int = 0) -> [EngineStateMachine.Action] {
        defer { session.postAnswered() }
        return session.postArrived(Array(payload.utf8), at: after(time))
    }

    private func deliver(_ texts: String...) -> EngineStateMachine.Action { .deliver(texts.map(text)) }

    private func answer(_ payload: String) -> EngineStateMachine.Action { .answerPoll(Array(payload.utf8)) }

    // MARK: Polling

    @Test("a GET waits for packets and gets all packets of a turn in one answer")
    mutating func waits() {
        #expect(session.pollArrived(at: start) == [.holdPoll])
        session.enqueue(Frames(text: "4a"))
        session.enqueue(Frames(text: "4b"))
        #expect(session.flushPoll() == [answer("4a\u{1E}4b")])
        #expect(session.flushPoll().isEmpty)
    }

    @Test("a GET is answered at once if packets wait")
    mutating func answersAtOnce() {
        session.enqueue(Frames(text: "4a"))
        #expect(session.pollArrived(at: start) == [.holdPoll, answer("4a")])
    }

    @Test("a second GET ends the first with close, is refused, and ends the session")
    mutating func secondGet() {
        _ = session.pollArrived(at: start)
        #expect(
            session.pollArrived(at: start) == [.refuse(.badRequest), answer("1"), .end(.transportError), .forget])
        #expect(session.pollArrived(at: start) == [.refuse(.unknownSession)])
    }

    @Test("the packets of a POST are delivered before it is answered")
    mutating func postOrder() {
        #expect(post("4a\u{1E}4b") == [deliver("4a", "4b"), .answerPost])
    }

    @Test("an invalid packet ends the session, and the packets before it are delivered")
    mutating func badPacket() {
        #expect(post("4a\u{1E}x") == [deliver("4a"), .refuse(.badRequest), .end(.parseError), .forget])
    }

    @Test("a client's close ends its waiting GET with a noop")
    mutating func clientCloses() {
        _ = session.pollArrived(at: start)
        #expect(post("4a\u{1E}1\u{1E}4b") == [deliver("4a"), .answerPost, answer("6"), .end(.transportClose), .forget])
    }

    @Test("a GET or POST without t that loses its connection ends the session")
    mutating func abandoned() {
        var other = session
        _ = session.pollArrived(at: start)
        #expect(session.pollAbandoned(at: start) == [.end(.transportClose), .forget])
        _ = other.postBegan(nil)
        #expect(other.postAbandoned(at: start) == [.end(.transportClose), .forget])
    }

    @Test("packets that have no meaning from a client are ignored", arguments: ["0", "2", "5", "6", "3"])
    mutating func meaningless(packet: String) {
        #expect(post(packet) == [.answerPost])
    }

    // MARK: Closing

    @Test("the server's close answers a waiting GET with the waiting packets and close")
    mutating func serverCloses() {
        _ = session.pollArrived(at: start)
        session.enqueue(Frames(text: "4a"))
        #expect(
            session.close(.serverShuttingDown, at: start)
                == [answer("4a\u{1E}1"), .end(.serverShuttingDown), .forget])
    }

    @Test("without a waiting GET the next GET gets the close, or the session is forgotten after 30 s")
    mutating func closeWithoutGet() {
        #expect(session.close(.forcedClose, at: start) == [.end(.forcedClose)])
        #expect(post("4a") == [.refuse(.unknownSession)])
        var other = session
        #expect(session.pollArrived(at: start) == [.holdPoll, answer("1"), .forget])
        #expect(other.due(at: start + .seconds(29)).actions.isEmpty)
        #expect(other.due(at: start + .seconds(30)).actions == [.forget])
    }

    @Test("a stopping server answers a waiting GET with packets or a noop, and refuses the next request")
    mutating func serverStops() {
        _ = session.pollArrived(at: start)
        var other = session
        #expect(
            session.close(.serverShuttingDown, isFinal: false, at: start)
                == [answer("6"), .end(.serverShuttingDown), .forget])
        #expect(session.pollArrived(at: start) == [.refuse(.unknownSession)])
        other.enqueue(Frames(text: "4a"))
        #expect(
            other.close(.serverShuttingDown, isFinal: false, at: start)
                == [answer("4a"), .end(.serverShuttingDown), .forget])
    }

    @Test("a stopping server gives the waiting packets to the next GETs, and then refuses")
    mutating func serverStopsWithoutGet() {
        var other = session
        #expect(
            session.close(.serverShuttingDown, isFinal: false, at: start) == [.end(.serverShuttingDown), .forget])
        #expect(session.pollArrived(at: start) == [.refuse(.unknownSession)])
        for number in 0..<17 { other.enqueue(Frames(text: "4\(number)")) }
        #expect(other.close(.serverShuttingDown, isFinal: false, at: start) == [.end(.serverShuttingDown)])
        #expect(other.pollArrived(at: start).count == 2)
        #expect(other.pollArrived(at: start) == [.holdPoll, answer("416"), .forget])
        #expect(other.pollArrived(at: start) == [.refuse(.unknownSession)])
    }

    @Test("closing twice notifies the application once")
    mutating func closeTwice() {
        _ = session.close(.forcedClose, at: start)
        #expect(session.close(.forcedClose, at: start).isEmpty)
        #expect(session.abort(.transportError).isEmpty)
    }

    // MARK: Heartbeat

    @Test("a ping timeout answers a waiting GET with a noop, so that its client may reconnect")
    mutating func silenceWhileGetWaits() {
        _ = session.pollArrived(at: start)
        _ = session.due(at: after(300))
        #expect(session.due(at: after(500)).actions == [answer("6"), .end(.pingTimeout), .forget])
    }

    @Test("pings are sent on time, and silence ends the session")
    mutating func heartbeat() {
        #expect(session.due(at: after(299)).actions.isEmpty)
        #expect(session.due(at: after(300)).actions == [.sendPing])
        #expect(session.due(at: after(500)).actions == [.end(.pingTimeout), .forget])
        #expect(session.due(at: after(500)).next == nil)
    }

    @Test("a WebSocket without a pong is reset, but not while the client makes progress")
    mutating func resets() {
        var progress = PeerProgress(acknowledged: .init(number: -1), isUnfinished: true)
        session = EngineStateMachine(options: Self.options, isWebSocket: true, now: start)
        #expect(session.due(at: after(300), progress: { progress }).actions == [.sendPing])
        progress.acknowledged.bytes = Limits().minimumProgress
        #expect(session.due(at: after(500), progress: { progress }).next == after(700))
        #expect(
            session.due(at: after(700), progress: { progress }).actions
                == [.resetWebSocket, .end(.pingTimeout), .forget])
    }

    @Test("a request does not extend the deadline; only received or sent bytes do")
    mutating func requestsAreNoProgress() {
        var other = session
        _ = session.due(at: after(300))
        _ = other.due(at: after(300))
        let progress = PeerProgress(sent: .init(number: 1, bytes: Limits().minimumProgress), isUnfinished: true)
        #expect(session.pollArrived(at: after(500), progress: { progress }).first == .holdPoll)
        #expect(other.pollArrived(at: after(500)) == [.refuse(.unknownSession), .end(.pingTimeout), .forget])
    }

    @Test(
        "an expired session is noticed by its next request, which is refused", arguments: [true, false])
    mutating func expiredAtRequest(isGet: Bool) {
        #expect(session.due(at: after(300)).actions == [.sendPing])
        let actions = isGet ? session.pollArrived(at: after(500)) : post("4a", at: 500)
        #expect(actions == [.refuse(.unknownSession), .end(.pingTimeout), .forget])
    }

    @Test("a ping that is due when a GET arrives is in its answer")
    mutating func pingDueAtGet() {
        #expect(session.pollArrived(at: after(300)) == [.holdPoll, answer("2")])
        #expect(post("3", at: 400) == [.answerPost])
        #expect(session.due(at: after(699)).next == after(700))
    }

    // MARK: Random input

    @Test(
        "for any input the application is notified of the end at most once, and the session is forgotten at most once",
        arguments: 0..<200 as Range<UInt64>)
    mutating func randomWalk(seed: UInt64) {
        var random = WebSocketTestGenerator(seed: seed)
        session = EngineStateMachine(options: Self.options, isWebSocket: seed % 4 == 0, now: start)
        var actions: [EngineStateMachine.Action] = []
        var sent: [String] = []
        var received: [String] = []
        var time = 0
        for number in 0..<60 {
            time += Int.random(in: 0...80, using: &random)
            let now = after(time)
            var step: [EngineStateMachine.Action] = []
            switch Int.random(in: 0..<16, using: &random) {
            case 0..<4: step = session.pollArrived(at: now)
            case 4..<7:
                step = session.postArrived(Array("3".utf8), at: now)
                session.postAnswered()
            case 7: _ = session.probeArrived(at: now)
            case 8: step = session.probeReceived(text("2probe"), at: now)
            case 9: step = session.probeReceived(text("5"), at: now)
            case 10: step = session.due(at: now).actions
            case 11 where session.isWebSocket: _ = session.webSocketReceived([text("3")], at: now)
            case 12 where number > 40: step = session.close(.forcedClose, at: now)
            case 13 where number > 50: step = session.pollAbandoned(at: now)
            default:
                guard !session.isClosed, !session.isWebSocket else { break }
                sent.append("4\(number)")
                session.enqueue(Frames(text: "4\(number)"))
                step = session.flushPoll()
            }
            for action in step {
                if case .answerPoll(let payload) = action {
                    received += String(decoding: payload, as: UTF8.self).split(separator: "\u{1E}").map(String.init)
                }
                if action == .adoptProbe || action == .sendQueueOnProbe {
                    received += session.takeQueue().map { String(decoding: $0.bytes.dropFirst(2), as: UTF8.self) }
                }
            }
            actions += step
        }
        let messages = received.filter { $0.hasPrefix("4") }
        #expect(messages == Array(sent.prefix(messages.count)), "in order and without gaps or repeats")
        #expect(actions.count { if case .end = $0 { true } else { false } } <= 1)
        if let last = actions.firstIndex(of: .forget) {
            #expect(actions[last...].count { $0 == .forget } == 1)
            #expect(session.isClosed)
        }
    }
}

private func text(_ text: String) -> ClientMessage { .text(Array(text.utf8)) }
