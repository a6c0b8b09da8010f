import Testing

@testable import Transport

@Suite("A GET that is repeated after its answer was lost gets the same answer")
/// `t` is the query parameter that names a request: a repeat has the `t` of the request that it repeats.
struct RepeatedGetTests {
    let start = ContinuousClock.now
    var session: EngineStateMachine

    init() {
        session = EngineStateMachine(options: EngineOptions(), isWebSocket: false, now: start)
    }

    private mutating func get(_ stamp: String?, after time: Duration = .zero) -> [EngineStateMachine.Action] {
        session.pollArrived(stamp.flatMap { RequestStamp(Array($0.utf8)[...], now: .zero) }, at: start + time)
    }

    private mutating func send(_ packet: String) -> [EngineStateMachine.Action] {
        session.enqueue(Frames(text: packet))
        return session.flushPoll()
    }

    private func answer(_ payload: String) -> EngineStateMachine.Action { .answerPoll(Array(payload.utf8)) }

    // MARK: Keeping the answer

    @Test("a GET with the last answered t gets the same bytes, however often it is repeated")
    mutating func sameAnswer() {
        #expect(get("1") == [.holdPoll])
        #expect(send("4a") == [answer("4a")])
        _ = send("4b")
        #expect(get("1") == [.holdPoll, answer("4a")])
        #expect(get("1") == [.holdPoll, answer("4a")])
        #expect(get("2") == [.holdPoll, answer("4b")])
        #expect(get("2") == [.holdPoll, answer("4b")])
    }

    @Test("a client that repeats a GET more than 64 times is no browser with a lost answer, and its session ends")
    mutating func manyRepeats() {
        for round in 0..<2 {
            _ = send("4a")
            #expect(get("\(round)") == [.holdPoll, answer("4a")])
            for _ in 0..<64 { #expect(get("\(round)") == [.holdPoll, answer("4a")]) }
        }
        #expect(get("1") == [.refuse(.badRequest), .end(.transportError), .forget])
    }

    @Test("a GET with another t confirms the last answer and frees it")
    mutating func confirmation() {
        _ = send("4a")
        #expect(get("1") == [.holdPoll, answer("4a")])
        #expect(session.queue.byteCount > 0, "a kept answer counts as unsent")
        #expect(get("2") == [.holdPoll])
        #expect(session.queue.byteCount == 0)
    }

    @Test("a late copy of a GET gets a noop: it confirms no answer, takes no packets and ends no session")
    mutating func late() {
        _ = send("40")
        for number in 1...9 {
            #expect(get("\(number)") == [.holdPoll, answer("4\(number - 1)")])
            _ = send("4\(number)")
        }
        #expect(get("1") == [.answerNoop])
        #expect(get("9") == [.holdPoll, answer("48")], "the last answer is kept")
        #expect(get("10") == [.holdPoll, answer("49")])
        #expect(get("11") == [.holdPoll])
        #expect(get("4") == [.answerNoop], "the waiting GET still waits")
        #expect(send("4a") == [answer("4a")])
        _ = session.close(.forcedClose, at: start)
        #expect(get("10") == [.answerNoop], "a late copy does not get the close packet")
        #expect(get("12") == [.holdPoll, answer("1")])
    }

    @Test("the stamps of the eight GETs before the last are remembered")
    mutating func veryLate() {
        for number in 0...9 {
            _ = send("4a")
            _ = get("\(number)")
        }
        #expect(get("1") == [.answerNoop])
        #expect(get("0") == [.holdPoll])
    }

    @Test("a GET without t is never a repeat, and its answer is not kept")
    mutating func withoutStamp() {
        _ = send("4a")
        #expect(get(nil) == [.holdPoll, answer("4a")])
        #expect(session.queue.byteCount == 0)
        #expect(get(nil) == [.holdPoll])
        #expect(get(nil) == [.refuse(.badRequest), answer("1"), .end(.transportError), .forget])
    }

    @Test("a GET without t confirms the answer to a GET with t")
    mutating func confirmedWithoutStamp() {
        _ = send("4a")
        _ = get("1")
        #expect(get(nil) == [.holdPoll])
        #expect(session.queue.byteCount == 0)
    }

    @Test("the noop of a probe and a ping are kept for repeats like messages")
    mutating func noop() {
        _ = get("1")
        _ = session.probeArrived(at: start)
        #expect(session.probeReceived(.text(Array("2probe".utf8)), at: start) == [.sendOnProbe("3probe"), answer("6")])
        _ = send("4a")
        #expect(get("1") == [.holdPoll, answer("6")])
        #expect(get("2") == [.holdPoll, answer("4a")])
    }

    // MARK: Repeats of a waiting GET

    @Test("a GET with the t of the waiting GET replaces it, and the old one is dropped without an answer")
    mutating func takesPlace() {
        #expect(get("1") == [.holdPoll])
        #expect(get("1") == [.dropPoll, .holdPoll])
        #expect(send("4a") == [answer("4a")])
        #expect(get("1") == [.holdPoll, answer("4a")])
    }

    @Test("a repeat that arrives when a ping is due is answered with the ping")
    mutating func ping() {
        #expect(get("1") == [.holdPoll])
        #expect(get("1", after: .seconds(25)) == [.dropPoll, .holdPoll, answer("2")])
    }

    @Test("a GET with another t while one waits is a second GET and ends the session")
    mutating func second() {
        _ = get("1")
        #expect(get("2") == [.refuse(.badRequest), answer("1"), .end(.transportError), .forget])
        #expect(get("1") == [.refuse(.unknownSession)])
    }

    // MARK: Lost connections

    @Test("a waiting GET that loses its connection has 5 s to be repeated before the session ends")
    mutating func window() {
        _ = get("1")
        #expect(session.pollAbandoned(at: start + .seconds(1)).isEmpty)
        #expect(send("4a").isEmpty)
        var late = session
        #expect(late.due(at: start + .milliseconds(5999)).next == start + .seconds(6))
        #expect(late.due(at: start + .seconds(6)).actions == [.end(.transportClose), .forget])
        #expect(get("1", after: .milliseconds(5999)) == [.holdPoll, answer("4a")])
        #expect(session.due(at: start + .seconds(6)).actions.isEmpty)
    }

    @Test("any GET or an upgrade ends the wait for a repeat", arguments: ["1", "2", nil])
    mutating func windowEnds(stamp: String?) {
        _ = get("1")
        _ = session.pollAbandoned(at: start)
        var upgraded = session
        #expect(get(stamp, after: .seconds(1)) == [.holdPoll])
        #expect(session.due(at: start + .seconds(6)).actions.isEmpty)
        _ = upgraded.probeArrived(at: start)
        _ = upgraded.probeReceived(.text(Array("2probe".utf8)), at: start)
        #expect(upgraded.probeReceived(.text(Array("5".utf8)), at: start) == [.adoptProbe])
        #expect(upgraded.due(at: start + .seconds(6)).actions.isEmpty)
    }

    @Test("a GET without t that loses its connection ends the session")
    mutating func withoutWindow() {
        _ = get(nil)
        #expect(session.pollAbandoned(at: start) == [.end(.transportClose), .forget])
    }

    @Test("the heartbeat deadline applies while a repeat is awaited")
    mutating func heartbeat() {
        var options = EngineOptions()
        options.pingInterval = .seconds(1)
        options.pingTimeout = .seconds(1)
        session = EngineStateMachine(options: options, isWebSocket: false, now: start)
        _ = get("1")
        _ = session.pollAbandoned(at: start)
        #expect(session.due(at: start + .seconds(1)).actions == [.sendPing])
        #expect(session.due(at: start + .seconds(2)).actions == [.end(.pingTimeout), .forget])
    }

    @Test("the deadline of a repeat is extended while the server does not read")
    mutating func extendDeadlines() {
        _ = get("1")
        _ = session.pollAbandoned(at: start)
        session.extendDeadlines(at: start + .seconds(4))
        #expect(session.due(at: start + .seconds(8)).actions.isEmpty)
        #expect(session.due(at: start + .seconds(9)).actions == [.end(.transportClose), .forget])
    }

    @Test("closing a session that waits for a repeat ends it at once")
    mutating func closed() {
        _ = get("1")
        _ = session.pollAbandoned(at: start)
        #expect(session.close(.forcedClose, isFinal: false, at: start).first == .end(.forcedClose))
    }

    // MARK: Upgrade

    @Test("the upgrade packet confirms the last answer, and the WebSocket gets only the packets after it")
    mutating func upgrade() {
        _ = send("4a")
        #expect(get("1") == [.holdPoll, answer("4a")])
        _ = session.probeArrived(at: start)
        _ = session.probeReceived(.text(Array("2probe".utf8)), at: start)
        #expect(get("1") == [.holdPoll, answer("4a")], "before the upgrade the answer is kept")
        _ = send("4b")
        #expect(session.probeReceived(.text(Array("5".utf8)), at: start) == [.adoptProbe])
        #expect(session.takeQueue().map(\.bytes) == [Frames(text: "4b").bytes])
        #expect(get("1") == [.refuse(.badRequest)])
    }

    // MARK: Closing

    @Test("an answer with a close packet can be repeated for 5 s; other requests are refused")
    mutating func closeIsKept() {
        _ = get("1")
        session.enqueue(Frames(text: "4a"))
        #expect(session.close(.forcedClose, at: start) == [answer("4a\u{1E}1"), .end(.forcedClose)])
        #expect(get("1") == [.holdPoll, answer("4a\u{1E}1")])
        #expect(get("2") == [.refuse(.unknownSession)])
        #expect(get("1", after: .seconds(4)) == [.holdPoll, answer("4a\u{1E}1")])
        #expect(session.due(at: start + .seconds(4)).next == start + .seconds(5))
        #expect(session.due(at: start + .seconds(5)).actions == [.forget])
        #expect(get("1", after: .seconds(5)) == [.refuse(.unknownSession)])
    }

    @Test("an answer that was unconfirmed at the close can be repeated before the close packet")
    mutating func unconfirmedAtClose() {
        _ = send("4a")
        _ = get("1")
        #expect(session.close(.forcedClose, at: start) == [.end(.forcedClose)])
        #expect(get("1") == [.holdPoll, answer("4a")])
        #expect(get("2") == [.holdPoll, answer("1")])
        #expect(get("2") == [.holdPoll, answer("1")])
    }

    @Test(
        "each answer of a closing session has at most 16 packets, and the last one ends with close",
        arguments: [15, 16, 17, 40])
    mutating func closeWithMuch(count: Int) {
        for number in 0..<count { session.enqueue(Frames(text: "4\(number)")) }
        #expect(session.close(.forcedClose, at: start) == [.end(.forcedClose)])
        var received: [String] = []
        var number = 0
        while received.last != "1" {
            number += 1
            guard case .answerPoll(let payload) = get("\(number)").dropFirst().first else {
                Issue.record("refused")
                return
            }
            let packets = String(decoding: payload, as: UTF8.self).split(separator: "\u{1E}").map(String.init)
            #expect(packets.count <= 16)
            received += packets
        }
        #expect(received == (0..<count).map { "4\($0)" } + ["1"])
    }
}
