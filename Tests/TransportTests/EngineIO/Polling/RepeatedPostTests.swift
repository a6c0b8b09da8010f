import Testing

@testable import Transport

@Suite("A POST that is repeated after its answer was lost is not handled again")
/// `t` is the query parameter that names a request: a repeat has the `t` of the request that it repeats.
struct RepeatedPostTests {
    let start = ContinuousClock.now
    var session: EngineStateMachine

    init() {
        session = EngineStateMachine(options: EngineOptions(), isWebSocket: false, now: start)
    }

    private func stamp(_ text: String?) -> RequestStamp? {
        text.flatMap { RequestStamp(Array($0.utf8)[...], now: .zero) }
    }

    private mutating func begin(_ stamp: String?) -> [EngineStateMachine.Action] {
        session.postBegan(self.stamp(stamp))
    }

    private mutating func post(
        _ body: String, _ stamp: String?, hasBegun: Bool = false
    ) -> [EngineStateMachine.Action] {
        session.postArrived(Array(body.utf8), self.stamp(stamp), hasBegun: hasBegun, at: start)
    }

    private func text(_ text: String) -> EngineStateMachine.Action { .deliver([.text(Array(text.utf8))]) }

    private static let overlap: [EngineStateMachine.Action] = [.refuse(.badRequest), .end(.transportError), .forget]

    @Test("a POST with the same t and body is answered ok and not handled again, however often")
    mutating func same() {
        #expect(post("4a", "1") == [text("4a"), .answerPost])
        session.postAnswered()
        #expect(post("4a", "1") == [.answerPost])
        session.postAnswered()
        #expect(begin("1") == [.receivePost], "the same holds if its body arrives later")
        #expect(post("4a", "1", hasBegun: true) == [.answerPost])
        session.postAnswered()
        #expect(post("4b", "2") == [text("4b"), .answerPost])
    }

    @Test("repeats count their size, and more than 64 of them since the last new POST end the session")
    mutating func manyRepeats() {
        for number in 0..<2 {
            #expect(post("4a", "\(number)") == [text("4a"), .answerPost])
            session.postAnswered()
            for _ in 0..<64 {
                #expect(post("4a", "0") == [.answerPost])
                session.postAnswered()
            }
        }
        #expect(session.otherPackets.count == 128)
        #expect(session.otherPackets.byteCount == 256)
        #expect(post("4a", "0") == Self.overlap)
    }

    @Test("a copy of one of the last eight POSTs is not handled again and does not disturb the POST in progress")
    mutating func late() {
        for number in 1...8 {
            #expect(post("4\(number)", "\(number)") == [text("4\(number)"), .answerPost])
            session.postAnswered()
        }
        #expect(post("41", "1") == [.answerPost])
        session.postAnswered()
        #expect(begin("9") == [.receivePost])
        #expect(post("42", "2") == [.answerPost])
        session.postAnswered()
        #expect(post("49", "9", hasBegun: true) == [text("49"), .answerPost])
        #expect(post("43", "3") == [.answerPost])
        session.postAnswered()
        #expect(post("41", "1") == [text("41"), .answerPost], "the last eight POSTs are remembered")
    }

    @Test("the next POST replaces a late copy whose body is still arriving")
    mutating func lateAndSlow() {
        for number in 1...2 {
            _ = post("4\(number)", "\(number)")
            session.postAnswered()
        }
        #expect(begin("1") == [.receivePost])
        #expect(begin("3") == [.dropPost, .receivePost])
        #expect(post("43", "3", hasBegun: true) == [text("43"), .answerPost])
    }

    @Test("a late copy that begins during another POST is recognized by its body", arguments: [true, false])
    mutating func lateInPieces(isHandled: Bool) {
        _ = post("41", "1")
        session.postAnswered()
        #expect(begin("2") == [.receivePost])
        if isHandled { #expect(post("42", "2", hasBegun: true) == [text("42"), .answerPost]) }
        #expect(begin("1").isEmpty)
        #expect(post("41", "1") == [.answerPost])
        if !isHandled { #expect(post("42", "2", hasBegun: true) == [text("42"), .answerPost]) }
    }

    @Test("a late copy that loses its connection has no effect")
    mutating func lateAndLost() {
        _ = post("41", "1")
        session.postAnswered()
        #expect(begin("1") == [.receivePost])
        #expect(session.postAbandoned(at: start).isEmpty)
        #expect(session.due(at: start + .seconds(20)).actions.isEmpty)
        #expect(begin("2") == [.receivePost])
    }

    @Test(
        "a POST with the same t and another body is handled, because two requests of a client may share a t",
        arguments: [true, false])
    mutating func collision(begins: Bool) {
        #expect(post("4a", "1") == [text("4a"), .answerPost])
        session.postAnswered()
        if begins { #expect(begin("1") == [.receivePost]) }
        #expect(post("4b", "1", hasBegun: begins) == [text("4b"), .answerPost])
    }

    @Test("a complete repeat replaces one whose body is still arriving")
    mutating func overtaken() {
        _ = post("4a", "1")
        session.postAnswered()
        #expect(begin("1") == [.receivePost])
        #expect(post("4a", "1") == [.dropPost, .answerPost])
        session.postAnswered()
        #expect(begin("2") == [.receivePost])
    }

    @Test("a repeat that loses its connection has another 5 s")
    mutating func lostAgain() {
        _ = post("4a", "1")
        #expect(session.postAbandoned(at: start).isEmpty)
        #expect(begin("1") == [.receivePost])
        #expect(session.due(at: start + .seconds(5)).actions.isEmpty, "the timeout of bodies applies")
        #expect(session.postAbandoned(at: start + .seconds(5)).isEmpty)
        #expect(session.due(at: start + .seconds(9)).actions.isEmpty)
        #expect(session.due(at: start + .seconds(10)).actions == [.end(.transportClose), .forget])
    }

    @Test("a late copy of another POST does not end the wait for a repeat")
    mutating func lateIsNotAwaited() {
        _ = post("4a", "1")
        session.postAnswered()
        #expect(begin("2") == [.receivePost])
        #expect(session.postAbandoned(at: start).isEmpty)
        #expect(post("4a", "1") == [.answerPost])
        session.postAnswered()
        #expect(begin("1") == [.receivePost])
        #expect(session.due(at: start + .seconds(5)).actions == [.end(.transportClose), .forget])
    }

    @Test("a POST without t or with a new t is handled", arguments: [nil, "2"])
    mutating func other(second: String?) {
        #expect(post("4a", nil) == [text("4a"), .answerPost])
        session.postAnswered()
        #expect(post("4a", nil) == [text("4a"), .answerPost])
        session.postAnswered()
        #expect(post("4a", "1") == [text("4a"), .answerPost])
        session.postAnswered()
        #expect(post("4a", second) == [text("4a"), .answerPost])
    }

    @Test("a GET and a POST with the same t are not repeats of each other")
    mutating func kinds() {
        _ = post("4a", "1")
        session.postAnswered()
        #expect(session.pollArrived(stamp("1"), at: start) == [.holdPoll])
        #expect(post("4b", "2") == [text("4b"), .answerPost])
        session.postAnswered()
        session.enqueue(Frames(text: "4c"))
        _ = session.flushPoll()
        #expect(post("4d", "1") == [text("4d"), .answerPost])
    }

    @Test("the repeat of a POST that waits for its answer gets the same answer")
    mutating func shared() {
        _ = post("4a", "1")
        #expect(post("4a", "1") == [.answerPost])
        #expect(begin("2") == Self.overlap, "another t is a second POST")
    }

    @Test("a POST that loses its connection before its answer has 5 s to be repeated")
    mutating func lostWhileWaiting() {
        _ = post("4a", "1")
        #expect(session.postAbandoned(at: start).isEmpty)
        var late = session
        #expect(late.due(at: start + .seconds(5)).actions == [.end(.transportClose), .forget])
        #expect(post("4a", "1") == [.answerPost])
        #expect(session.due(at: start + .seconds(5)).actions.isEmpty)
    }

    @Test("a POST that loses its connection during its body is discarded, and handled when it is repeated")
    mutating func incomplete() {
        #expect(begin("1") == [.receivePost])
        #expect(session.postAbandoned(at: start).isEmpty)
        var late = session
        #expect(late.due(at: start + .milliseconds(4999)).actions.isEmpty)
        #expect(late.due(at: start + .seconds(5)).actions == [.end(.transportClose), .forget])
        #expect(begin("1") == [.receivePost])
        #expect(session.due(at: start + .seconds(5)).actions.isEmpty)
        #expect(post("4a", "1", hasBegun: true) == [text("4a"), .answerPost])
    }

    @Test("the repeat of a POST whose body is still arriving replaces it", arguments: [true, false])
    mutating func replaced(begins: Bool) {
        #expect(begin("1") == [.receivePost])
        if begins { #expect(begin("1") == [.dropPost, .receivePost]) }
        #expect(post("4a", "1", hasBegun: begins) == (begins ? [] : [.dropPost]) + [text("4a"), .answerPost])
    }

    @Test("two concurrent POSTs end the session, unless the second repeats the first", arguments: [nil, "2"])
    mutating func overlap(second: String?) {
        _ = begin("1")
        var other = session
        #expect(begin(second) == Self.overlap)
        session = other
        #expect(post("4a", second) == Self.overlap)
        other = EngineStateMachine(options: EngineOptions(), isWebSocket: false, now: start)
        _ = other.postBegan(nil)
        #expect(other.postBegan(nil) == Self.overlap)
    }

    @Test("a POST without t that loses its connection ends the session")
    mutating func withoutStamp() {
        _ = begin(nil)
        #expect(session.postAbandoned(at: start) == [.end(.transportClose), .forget])
    }

    @Test("after the client's close its last answer is freed")
    mutating func closeFreesTheAnswer() {
        session.enqueue(Frames(text: "4a"))
        _ = session.pollArrived(stamp("g"), at: start)
        #expect(post("1", "p") == [.answerPost, .end(.transportClose)])
        #expect(session.queue.byteCount == 0)
        #expect(session.pollArrived(stamp("g"), at: start) == [.refuse(.unknownSession)])
    }

    @Test("a POST that closes the session, and the GET that it ends, can be repeated for 5 s")
    mutating func close() {
        _ = session.pollArrived(stamp("g"), at: start)
        #expect(post("1", "p") == [.answerPost, .answerPoll(Array("6".utf8)), .end(.transportClose)])
        #expect(post("1", "p") == [.answerPost])
        #expect(session.pollArrived(stamp("g"), at: start) == [.holdPoll, .answerPoll(Array("6".utf8))])
        #expect(post("4a", "q") == [.refuse(.unknownSession)])
        #expect(session.pollArrived(stamp("h"), at: start) == [.refuse(.unknownSession)])
        #expect(session.due(at: start + .seconds(5)).actions == [.forget])
        #expect(post("1", "p") == [.refuse(.unknownSession)])
    }

    @Test("a handled POST can be repeated after an upgrade and after the server's close")
    mutating func afterwards() {
        _ = post("4a", "1")
        session.postAnswered()
        var closed = session
        _ = closed.close(.forcedClose, at: start)
        #expect(closed.postArrived(Array("4a".utf8), stamp("1"), at: start) == [.answerPost])
        _ = session.probeArrived(at: start)
        _ = session.probeReceived(.text(Array("2probe".utf8)), at: start)
        _ = session.postBegan(stamp("2"))
        _ = session.probeReceived(.text(Array("5".utf8)), at: start)
        #expect(post("4a", "1") == [.answerPost])
        #expect(begin("2").isEmpty, "a session on a WebSocket ignores the body")
        #expect(post("4a", "2") == [.refuse(.badRequest)])
        #expect(post("4a", nil) == [.refuse(.badRequest)])
    }

    @Test("a session that was upgraded before its POST was answered does not end when the POST loses its connection")
    mutating func lostAfterUpgrade() {
        #expect(post("4a", "1") == [text("4a"), .answerPost])
        #expect(session.probeArrived(at: start) == true)
        _ = session.probeReceived(.text(Array("2probe".utf8)), at: start)
        #expect(session.probeReceived(.text([UInt8(ascii: "5")]), at: start) == [.adoptProbe])
        #expect(session.postAbandoned(at: start).isEmpty)
        let later = start + EngineStateMachine.repeatTimeout
        #expect(session.due(at: later).actions.isEmpty)
        #expect(session.isWebSocket)
    }
}
