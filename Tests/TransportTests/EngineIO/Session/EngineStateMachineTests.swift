import Testing

@testable import Transport

@Suite("Engine.IO session: what it does with what its client sends")
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

    @Test("a GET waits for packets, and gets all that a turn produced in one answer")
    mutating func waits() {
        #expect(session.pollArrived(at: start) == [.holdPoll])
        session.enqueue(Frames(text: "4a"))
        session.enqueue(Frames(text: "4b"))
        #expect(session.flushPoll() == [answer("4a\u{1E}4b")])
        #expect(session.flushPoll().isEmpty)
    }

    @Test("a GET is answered at once when something waits")
    mutating func answersAtOnce() {
        session.enqueue(Frames(text: "4a"))
        #expect(session.pollArrived(at: start) == [.holdPoll, answer("4a")])
    }

    @Test("a second GET ends the first with close, is refused itself, and ends the session")
    mutating func secondGet() {
        _ = session.pollArrived(at: start)
        #expect(
            session.pollArrived(at: start) == [.refuse(.badRequest), answer("1"), .end(.transportError), .forget])
        #expect(session.pollArrived(at: start) == [.refuse(.unknownSession)])
    }

    @Test("a POST's packets are handled before it is answered")
    mutating func postOrder() {
        #expect(post("4a\u{1E}4b") == [deliver("4a", "4b"), .answerPost])
    }

    @Test("a bad packet ends the session; those before it count")
    mutating func badPacket() {
        #expect(post("4a\u{1E}x") == [deliver("4a"), .refuse(.badRequest), .end(.parseError), .forget])
    }

    @Test("a client's close ends its waiting GET with a noop")
    mutating func clientCloses() {
        _ = session.pollArrived(at: start)
        #expect(post("4a\u{1E}1\u{1E}4b") == [deliver("4a"), .answerPost, answer("6"), .end(.transportClose), .forget])
    }

    @Test("a GET or a POST whose client goes away ends the session")
    mutating func abandoned() {
        var other = session
        _ = session.pollArrived(at: start)
        #expect(session.pollAbandoned(at: start) == [.end(.transportClose), .forget])
        _ = other.postBegan(nil)
        #expect(other.postAbandoned(at: start) == [.end(.transportClose), .forget])
    }

    @Test("packets that mean nothing are ignored", arguments: ["0", "2", "5", "6", "3"])
    mutating func meaningless(packet: String) {
        #expect(post(packet) == [.answerPost])
    }

    // MARK: Closing

    @Test("the server's close ends a waiting GET with close, behind what waits")
    mutating func serverCloses() {
        _ = session.pollArrived(at: start)
        session.enqueue(Frames(text: "4a"))
        #expect(
            session.close(.serverShuttingDown, at: start)
                == [answer("4a\u{1E}1"), .end(.serverShuttingDown), .forget])
    }

    @Test("a client that does not wait learns of the close by its next GET, or the session is forgotten")
    mutating func closeWithoutGet() {
        #expect(session.close(.forcedClose, at: start) == [.end(.forcedClose)])
        #expect(post("4a") == [.refuse(.unknownSession)])
        var other = session
        #expect(session.pollArrived(at: start) == [.holdPoll, answer("1"), .forget])
        #expect(other.due(at: start + .seconds(29)).actions.isEmpty)
        #expect(other.due(at: start + .seconds(30)).actions == [.forget])
    }

    @Test("a server that stops answers a waiting GET with what waits or a noop, and the next request is refused")
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

    @Test("a server that stops while no GET waits gives what waits to the next one, and then refuses")
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

    @Test("closing twice tells the application once")
    mutating func closeTwice() {
        _ = session.close(.forcedClose, at: start)
        #expect(session.close(.forcedClose, at: start).isEmpty)
        #expect(session.abort(.transportError).isEmpty)
    }

    // MARK: Heartbeat

    @Test("silence ends a waiting GET with a noop: its client may come back")
    mutating func silenceWhileGetWaits() {
        _ = session.pollArrived(at: start)
        _ = session.due(at: after(300))
        #expect(session.due(at: after(500)).actions == [answer("6"), .end(.pingTimeout), .forget])
    }

    @Test("pings are sent on time; silence ends the session")
    mutating func heartbeat() {
        #expect(session.due(at: after(299)).actions.isEmpty)
        #expect(session.due(at: after(300)).actions == [.sendPing])
        #expect(session.due(at: after(500)).actions == [.end(.pingTimeout), .forget])
        #expect(session.due(at: after(500)).next == nil)
    }

    @Test("a WebSocket without a pong is reset; one that gets on with what it is sent lives")
    mutating func resets() {
        var progress = PeerProgress(taken: .init(number: -1), isUnfinished: true)
        session = EngineStateMachine(options: Self.options, isWebSocket: true, now: start)
        #expect(session.due(at: after(300), progress: { progress }).actions == [.sendPing])
        progress.taken.bytes = Limits().leastProgress
        #expect(session.due(at: after(500), progress: { progress }).next == after(700))
        #expect(
            session.due(at: after(700), progress: { progress }).actions
                == [.resetWebSocket, .end(.pingTimeout), .forget])
    }

    @Test("a request proves nothing: only what was taken or sent moves the deadline at the door")
    mutating func requestsAtTheDoor() {
        var other = session
        _ = session.due(at: after(300))
        _ = other.due(at: after(300))
        let progress = PeerProgress(sent: .init(number: 1, bytes: Limits().leastProgress), isUnfinished: true)
        #expect(session.pollArrived(at: after(500), progress: { progress }).first == .holdPoll)
        #expect(other.pollArrived(at: after(500)) == [.refuse(.unknownSession), .end(.pingTimeout), .forget])
    }

    @Test(
        "a stale session is found at the door: a GET 500 ms after the handshake is refused", arguments: [true, false])
    mutating func atTheDoor(isGet: Bool) {
        #expect(session.due(at: after(300)).actions == [.sendPing])
        let actions = isGet ? session.pollArrived(at: after(500)) : post("4a", at: 500)
        #expect(actions == [.refuse(.unknownSession), .end(.pingTimeout), .forget])
    }

    @Test("a ping that fell due is in the answer of the GET that finds it")
    mutating func pingAtTheDoor() {
        #expect(session.pollArrived(at: after(300)) == [.holdPoll, answer("2")])
        #expect(post("3", at: 400) == [.answerPost])
        #expect(session.due(at: after(699)).next == after(700))
    }

    // MARK: Upgrade

    @Test("probe, answer, noop for the waiting GET, upgrade, and what waits in order")
    mutating func upgrade() {
        _ = session.pollArrived(at: start)
        #expect(session.probeArrived(at: start) == true)
        #expect(session.probeReceived(text("2probe")) == [.sendOnProbe("3probe"), answer("6")])
        session.enqueue(Frames(text: "4a"))
        #expect(session.probeReceived(text("5")) == [.adoptProbe])
        #expect(session.isWebSocket)
        #expect(session.takeQueue().map(\.bytes) == [Frames(text: "4a").bytes])
        #expect(session.pollArrived(at: start) == [.refuse(.badRequest)])
        #expect(post("4a") == [.refuse(.badRequest)])
    }

    @Test("a GET that comes while the probe is answered gets a noop or what waits")
    mutating func getDuringProbe() {
        _ = session.probeArrived(at: start)
        _ = session.probeReceived(text("2probe"))
        #expect(session.pollArrived(at: start) == [.holdPoll, answer("6")])
        session.enqueue(Frames(text: "4a"))
        #expect(session.pollArrived(at: start) == [.holdPoll, answer("4a")])
    }

    @Test(
        "a probe that says something else is closed, and polling goes on",
        arguments: ["5", "4a", "2prob", "3probe", ""])
    mutating func badProbe(reply: String) {
        _ = session.probeArrived(at: start)
        #expect(session.probeReceived(text(reply)) == [.closeProbe])
        #expect(session.pollArrived(at: start) == [.holdPoll])
        #expect(session.probeArrived(at: start) == true, "the next one may try")
    }

    @Test("an upgrade that is not finished in time is given up, and polling goes on")
    mutating func upgradeTimeout() {
        var options = Self.options
        options.pingInterval = .seconds(25)
        session = EngineStateMachine(options: options, isWebSocket: false, now: start)
        _ = session.probeArrived(at: start)
        #expect(session.due(at: start + .seconds(9)).next == start + .seconds(10))
        #expect(session.due(at: start + .seconds(10)).actions == [.closeProbe])
        #expect(session.pollArrived(at: start + .seconds(10)) == [.holdPoll])
    }

    @Test("a WebSocket for a session that has one, or a second probe, is closed")
    mutating func secondWebSocket() {
        _ = session.probeArrived(at: start)
        #expect(session.probeArrived(at: start) == false)
        var other = EngineStateMachine(options: Self.options, isWebSocket: true, now: start)
        #expect(other.probeArrived(at: start) == false)
    }

    // MARK: WebSocket

    @Test("a WebSocket's packets are delivered, ignored, or end it")
    func webSocket() {
        var session = EngineStateMachine(options: Self.options, isWebSocket: true, now: start)
        #expect(receive(&session, "4a") == [deliver("4a")])
        #expect(
            session.webSocketReceived([.binary([1]), text("4a")], at: start) == [.deliver([.binary([1]), text("4a")])])
        #expect(
            receive(&session, "bAQID") == [.deliver([.binary([1, 2, 3])])], "base64 in place of a binary frame")
        #expect(receive(&session, "b") == [.deliver([.binary([])])])
        for packet in ["3", "2", "6", "5", "0"] { #expect(receive(&session, packet) == []) }
        #expect(receive(&session, "4a", "3", "4b") == [deliver("4a", "4b")])
        let other = session
        #expect(
            receive(&session, "4a", "1", "4b") == [deliver("4a"), .closeWebSocket, .end(.transportClose), .forget])
        for packet in ["x", "b!", "bA", "B", ""] {
            var other = other
            #expect(
                receive(&other, "4a", packet, "4b") == [deliver("4a"), .closeWebSocket, .end(.parseError), .forget])
        }
    }

    private func receive(_ session: inout EngineStateMachine, _ texts: String...) -> [EngineStateMachine.Action] {
        session.webSocketReceived(texts.map(text), at: start)
    }

    @Test("a pong restarts the timer where the next ping may be due before it")
    mutating func restartedTimer() {
        let options = EngineOptions(pingInterval: .milliseconds(100), pingTimeout: .milliseconds(200))
        session = EngineStateMachine(options: options, isWebSocket: true, now: start)
        #expect(session.webSocketReceived([text("3")], at: start) == [.restartTimer])
        session = EngineStateMachine(options: options, isWebSocket: false, now: start)
        #expect(session.postArrived(Array("3".utf8), at: start) == [.answerPost, .restartTimer])
    }

    // MARK: Whatever comes

    @Test(
        "whatever comes, the application is told of the end once, and the session is forgotten once, at last",
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
            case 8: step = session.probeReceived(text("2probe"))
            case 9: step = session.probeReceived(text("5"))
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
                if action == .adoptProbe {
                    received += session.takeQueue().map { String(decoding: $0.bytes.dropFirst(2), as: UTF8.self) }
                }
            }
            actions += step
        }
        let messages = received.filter { $0.hasPrefix("4") }
        #expect(messages == Array(sent.prefix(messages.count)), "in order, none twice, none left out")
        #expect(actions.count { if case .end = $0 { true } else { false } } <= 1)
        if let place = actions.firstIndex(of: .forget) {
            #expect(actions[place...].count { $0 == .forget } == 1)
            #expect(session.isClosed)
        }
    }
}

private func text(_ text: String) -> ClientMessage { .text(Array(text.utf8)) }
