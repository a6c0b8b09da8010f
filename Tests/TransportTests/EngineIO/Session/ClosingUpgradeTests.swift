import Testing

@testable import Transport

/// When an official client gets the answer to its probe, it stops polling and waits for the answers to its requests in
/// flight. Then it sends the upgrade packet. If the WebSocket closes before that, it never polls again.
@Suite("Engine.IO session: the server's end during an upgrade")
struct ClosingUpgradeTests {
    typealias Action = EngineStateMachine.Action

    let start = ContinuousClock.now
    var session: EngineStateMachine

    /// Makes a session whose probe has just been answered.
    init() {
        session = EngineStateMachine(options: EngineOptions(), isWebSocket: false, now: start)
        #expect(session.pollArrived(stamp(1), at: start) == [.holdPoll])
        #expect(session.probeArrived(at: start) == true)
        #expect(session.probeReceived(text("2probe"), at: start) == [.sendOnProbe("3probe"), answer("6")])
    }

    private func stamp(_ number: Int) -> RequestStamp? { RequestStamp(Array("\(number)".utf8)[...], now: .zero) }

    private func answer(_ payload: String) -> Action { .answerPoll(Array(payload.utf8)) }

    private mutating func get(_ number: Int) -> [Action] { session.pollArrived(stamp(number), at: start) }

    private mutating func probe(_ packet: String) -> [Action] { session.probeReceived(text(packet), at: start) }

    private mutating func sentOnProbe() -> [[UInt8]] { session.takeQueue().map(\.bytes) }

    // MARK: The upgrade packet

    @Test("the application learns of the end at once, the client after its upgrade packet", arguments: [true, false])
    mutating func upgrades(isFinal: Bool) {
        session.enqueue(Frames(text: "4a"))
        #expect(session.close(.serverShuttingDown, isFinal: isFinal, at: start) == [.end(.serverShuttingDown)])
        #expect(session.isClosed)
        #expect(probe("5") == [.sendQueueOnProbe, .closeProbe, .forget])
        #expect(sentOnProbe() == [Frames(text: "4a").bytes])
        #expect(get(2) == [.refuse(.unknownSession)])
        #expect(session.due(at: start).next == nil)
    }

    @Test("a session without an answered probe closes at once", arguments: [true, false])
    mutating func unanswered(hasProbe: Bool) {
        session = EngineStateMachine(options: EngineOptions(), isWebSocket: false, now: start)
        if hasProbe { _ = session.probeArrived(at: start) }
        let ending = session.close(.serverShuttingDown, isFinal: false, at: start)
        #expect(ending == (hasProbe ? [.closeProbe] : []) + [.end(.serverShuttingDown), .forget])
    }

    @Test("a client that exceeds a limit upgrades too, but gets none of the packets that wait")
    mutating func aborts() {
        session.enqueue(Frames(text: "4a"))
        #expect(session.abort(.transportError) == [.end(.transportError)])
        #expect(session.queue.byteCount == 0)
        #expect(probe("5") == [.sendQueueOnProbe, .closeProbe, .forget])
        #expect(sentOnProbe().isEmpty)
    }

    @Test("a client without a pong upgrades too")
    mutating func pingTimeout() {
        let options = EngineOptions(
            pingInterval: .seconds(1), pingTimeout: .seconds(1), upgradeTimeout: .seconds(10))
        session = EngineStateMachine(options: options, isWebSocket: false, now: start)
        _ = session.probeArrived(at: start)
        _ = probe("2probe")
        #expect(session.due(at: start + .seconds(1)).actions == [.sendPing])
        let (actions, next) = session.due(at: start + .seconds(2))
        #expect(actions == [.end(.pingTimeout)])
        #expect(next == start + .seconds(10))
        #expect(probe("5") == [.sendQueueOnProbe, .closeProbe, .forget])
    }

    // MARK: Requests

    @Test("a GET after a final end gets the waiting packets and a close packet, which also end the upgrade")
    mutating func finalGet() {
        session.enqueue(Frames(text: "4a"))
        _ = session.close(.forcedClose, at: start)
        #expect(get(2) == [.holdPoll, answer("4a\u{1E}1"), .closeProbe])
        #expect(probe("5").isEmpty)
        #expect(get(2) == [.holdPoll, answer("4a\u{1E}1")], "the answer can be repeated")
        #expect(session.due(at: start + EngineStateMachine.repeatTimeout).actions == [.forget])
    }

    @Test("an answer without a close packet does not end the upgrade", arguments: [true, false])
    mutating func manyPackets(isFinal: Bool) {
        for number in 0..<20 { session.enqueue(Frames(text: "4\(number)")) }
        _ = session.close(.forcedClose, isFinal: isFinal, at: start)
        #expect(get(2).count == 2)
        #expect(probe("5") == [.sendQueueOnProbe, .closeProbe, .forget])
        #expect(sentOnProbe() == (16..<20).map { Frames(text: "4\($0)").bytes })
    }

    @Test("a GET after a stop gets the waiting packets; the next one is refused, which ends the upgrade")
    mutating func stoppedGet() {
        session.enqueue(Frames(text: "4a"))
        _ = session.close(.serverShuttingDown, isFinal: false, at: start)
        #expect(get(2) == [.holdPoll, answer("4a")])
        #expect(get(2) == [.holdPoll, answer("4a")])
        #expect(get(1) == [.answerNoop], "a late copy proves nothing")
        #expect(get(3) == [.refuse(.unknownSession), .closeProbe, .forget])
    }

    @Test("the repeat of the GET that the probe has ended gets its noop again")
    mutating func repeatedGet() {
        _ = session.close(.serverShuttingDown, isFinal: false, at: start)
        #expect(get(1) == [.holdPoll, answer("6")])
        #expect(probe("5") == [.sendQueueOnProbe, .closeProbe, .forget])
    }

    @Test("a POST is refused")
    mutating func post() {
        _ = session.close(.serverShuttingDown, isFinal: false, at: start)
        #expect(session.postArrived(Array("4a".utf8), at: start) == [.refuse(.unknownSession)])
    }

    // MARK: Failed upgrades

    @Test("when the upgrade fails or takes too long, the next GETs get what waits", arguments: [true, false])
    mutating func upgradeFails(isTooLate: Bool) {
        let end = start + .seconds(10)
        session.enqueue(Frames(text: "4a"))
        _ = session.close(.forcedClose, at: start)
        #expect(session.due(at: start).next == end)
        if isTooLate {
            let (actions, next) = session.due(at: end)
            #expect(actions == [.closeProbe])
            #expect(next == end + EngineStateMachine.closeTimeout)
        } else {
            #expect(session.probeFailed(at: start) == [.closeProbe])
        }
        #expect(probe("5").isEmpty)
        #expect(get(2) == [.holdPoll, answer("4a\u{1E}1")])
    }

    @Test("when the upgrade fails after a stop and nothing waits, the session is forgotten")
    mutating func upgradeFailsAfterStop() {
        #expect(get(2) == [.holdPoll, answer("6")])
        _ = session.pollArrived(at: start)
        _ = session.close(.serverShuttingDown, isFinal: false, at: start)
        #expect(probe("4a") == [.closeProbe, .forget])
        #expect(get(3) == [.refuse(.unknownSession)])
    }

    @Test("the session ends with its loop")
    mutating func loopEnds() {
        _ = session.close(.serverShuttingDown, isFinal: false, at: start)
        #expect(session.close(.forcedClose, at: start).isEmpty)
        #expect(session.abandon() == [.closeProbe, .forget])
    }
}

private func text(_ text: String) -> ClientMessage { .text(Array(text.utf8)) }
