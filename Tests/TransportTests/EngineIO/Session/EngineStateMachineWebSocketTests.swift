import Testing

@testable import Transport

@Suite("Engine.IO session: upgrades and WebSockets")
struct EngineStateMachineWebSocketTests {
    let start = ContinuousClock.now
    var session: EngineStateMachine

    init() {
        session = EngineStateMachine(options: EngineStateMachineTests.options, isWebSocket: false, now: start)
    }

    private mutating func post(_ payload: String) -> [EngineStateMachine.Action] {
        defer { session.postAnswered() }
        return session.postArrived(Array(payload.utf8), at: start)
    }

    private func deliver(_ texts: String...) -> EngineStateMachine.Action { .deliver(texts.map(text)) }

    private func answer(_ payload: String) -> EngineStateMachine.Action { .answerPoll(Array(payload.utf8)) }

    // MARK: Upgrade

    @Test("an upgrade answers the probe, ends the waiting GET with a noop, and moves the waiting packets")
    mutating func upgrade() {
        _ = session.pollArrived(at: start)
        #expect(session.probeArrived(at: start) == true)
        #expect(session.probeReceived(text("2probe"), at: start) == [.sendOnProbe("3probe"), answer("6")])
        session.enqueue(Frames(text: "4a"))
        #expect(session.probeReceived(text("5"), at: start) == [.adoptProbe])
        #expect(session.isWebSocket)
        #expect(session.takeQueue().map(\.bytes) == [Frames(text: "4a").bytes])
        #expect(session.pollArrived(at: start) == [.refuse(.badRequest)])
        #expect(post("4a") == [.refuse(.badRequest)])
    }

    @Test("a GET after the probe's answer gets a noop or the waiting packets")
    mutating func getDuringProbe() {
        _ = session.probeArrived(at: start)
        _ = session.probeReceived(text("2probe"), at: start)
        #expect(session.pollArrived(at: start) == [.holdPoll, answer("6")])
        session.enqueue(Frames(text: "4a"))
        #expect(session.pollArrived(at: start) == [.holdPoll, answer("4a")])
    }

    @Test(
        "a probe with an unexpected message is closed, and polling continues",
        arguments: ["5", "4a", "2prob", "3probe", ""])
    mutating func badProbe(reply: String) {
        _ = session.probeArrived(at: start)
        #expect(session.probeReceived(text(reply), at: start) == [.closeProbe])
        #expect(session.pollArrived(at: start) == [.holdPoll])
        #expect(session.probeArrived(at: start) == true, "another probe may follow")
    }

    @Test("an upgrade that does not finish in time is closed, and polling continues")
    mutating func upgradeTimeout() {
        var options = EngineStateMachineTests.options
        options.pingInterval = .seconds(25)
        session = EngineStateMachine(options: options, isWebSocket: false, now: start)
        _ = session.probeArrived(at: start)
        #expect(session.due(at: start + .seconds(9)).next == start + .seconds(10))
        #expect(session.due(at: start + .seconds(10)).actions == [.closeProbe])
        #expect(session.pollArrived(at: start + .seconds(10)) == [.holdPoll])
    }

    @Test("an upgrade has no deadline while the server does not read, and then a whole timeout")
    mutating func suspendedUpgrade() {
        session = EngineStateMachine(
            options: EngineOptions(pingInterval: .seconds(25)), isWebSocket: false, now: start)
        _ = session.probeArrived(at: start)
        _ = session.probeReceived(text("2probe"), at: start)
        session.setReading(false, at: start + .seconds(1))
        let (actions, next) = session.due(at: start + .seconds(10))
        #expect(actions == [] && next == start + .seconds(20))
        var closed = session
        #expect(closed.close(.serverShuttingDown, at: start + .seconds(18)) == [.end(.serverShuttingDown)])
        #expect(closed.due(at: start + .seconds(27)).next == start + .seconds(28))
        #expect(closed.probeReceived(text("5"), at: start + .seconds(27)) == [.sendQueueOnProbe, .closeProbe, .forget])
        session.setReading(true, at: start + .seconds(20))
        session.setReading(true, at: start + .seconds(21))
        #expect(session.due(at: start + .seconds(29)).next == start + .seconds(30))
        #expect(session.due(at: start + .seconds(30)).actions == [.closeProbe])
    }

    @Test("an upgrade packet that waited while the server did not run is in time", arguments: [false, true])
    mutating func unreadUpgrade(hasEnded: Bool) {
        _ = session.probeArrived(at: start)
        _ = session.probeReceived(text("2probe"), at: start)
        if hasEnded { _ = session.close(.serverShuttingDown, at: start) }
        session.extendDeadlines(at: start + .seconds(15))
        #expect(session.due(at: start + .seconds(15)).actions.contains(.closeProbe) == false)
        let actions = session.probeReceived(text("5"), at: start + .seconds(15))
        #expect(actions == (hasEnded ? [.sendQueueOnProbe, .closeProbe, .forget] : [.adoptProbe]))
    }

    @Test("a second probe, or a probe for a session on a WebSocket, is closed")
    mutating func secondWebSocket() {
        _ = session.probeArrived(at: start)
        #expect(session.probeArrived(at: start) == false)
        var other = EngineStateMachine(options: EngineStateMachineTests.options, isWebSocket: true, now: start)
        #expect(other.probeArrived(at: start) == false)
    }

    // MARK: WebSocket

    @Test("packets on a WebSocket are delivered, ignored, or end the session")
    func webSocket() {
        var session = EngineStateMachine(options: EngineStateMachineTests.options, isWebSocket: true, now: start)
        #expect(receive(&session, "4a") == [deliver("4a")])
        #expect(
            session.webSocketReceived([.binary([1]), text("4a")], at: start) == [.deliver([.binary([1]), text("4a")])])
        #expect(
            receive(&session, "bAQID") == [.deliver([.binary([1, 2, 3])])], "base64 instead of a binary frame")
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

    @Test("a pong restarts the timer if the next ping may be due before the timer fires")
    mutating func restartedTimer() {
        let options = EngineOptions(pingInterval: .milliseconds(100), pingTimeout: .milliseconds(200))
        session = EngineStateMachine(options: options, isWebSocket: true, now: start)
        #expect(session.webSocketReceived([text("3")], at: start) == [.restartTimer])
        session = EngineStateMachine(options: options, isWebSocket: false, now: start)
        #expect(session.postArrived(Array("3".utf8), at: start) == [.answerPost, .restartTimer])
    }
}

private func text(_ text: String) -> ClientMessage { .text(Array(text.utf8)) }
