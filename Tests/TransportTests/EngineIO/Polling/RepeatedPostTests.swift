import Testing

@testable import Transport

@Suite("A POST whose answer the network loses is repeated, and not handled again")
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

    @Test("the same t and body: ok, and not handled again, however often")
    mutating func same() {
        #expect(post("4a", "1") == [text("4a"), .answerPost])
        session.postAnswered()
        #expect(post("4a", "1") == [.answerPost])
        session.postAnswered()
        #expect(begin("1") == [.receivePost], "nor when its body comes later")
        #expect(post("4a", "1", hasBegun: true) == [.answerPost])
        session.postAnswered()
        #expect(post("4b", "2") == [text("4b"), .answerPost])
    }

    @Test("a copy that comes late, after seven others, is not handled again, nor disturbs the POST in progress")
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
        #expect(post("41", "1") == [text("41"), .answerPost], "only the last eight are known")
    }

    @Test("a copy whose body comes late and slowly makes room for the next POST")
    mutating func lateAndSlow() {
        for number in 1...2 {
            _ = post("4\(number)", "\(number)")
            session.postAnswered()
        }
        #expect(begin("1") == [.receivePost])
        #expect(begin("3") == [.dropPost, .receivePost])
        #expect(post("43", "3", hasBegun: true) == [text("43"), .answerPost])
    }

    @Test("a late copy that begins while another POST is in progress is known by its body", arguments: [true, false])
    mutating func lateInPieces(isHandled: Bool) {
        _ = post("41", "1")
        session.postAnswered()
        #expect(begin("2") == [.receivePost])
        if isHandled { #expect(post("42", "2", hasBegun: true) == [text("42"), .answerPost]) }
        #expect(begin("1").isEmpty)
        #expect(post("41", "1") == [.answerPost])
        if !isHandled { #expect(post("42", "2", hasBegun: true) == [text("42"), .answerPost]) }
    }

    @Test("a late copy that loses its connection costs nothing: its client has gone on")
    mutating func lateAndLost() {
        _ = post("41", "1")
        session.postAnswered()
        #expect(begin("1") == [.receivePost])
        #expect(session.postAbandoned(at: start).isEmpty)
        #expect(session.due(at: start + .seconds(20)).actions.isEmpty)
        #expect(begin("2") == [.receivePost])
    }

    @Test("the same t with another body is another POST: the t of some clients collide", arguments: [true, false])
    mutating func collision(begins: Bool) {
        #expect(post("4a", "1") == [text("4a"), .answerPost])
        session.postAnswered()
        if begins { #expect(begin("1") == [.receivePost]) }
        #expect(post("4b", "1", hasBegun: begins) == [text("4b"), .answerPost])
    }

    @Test("a repeat that comes whole takes the place of one that is still coming")
    mutating func overtaken() {
        _ = post("4a", "1")
        session.postAnswered()
        #expect(begin("1") == [.receivePost])
        #expect(post("4a", "1") == [.dropPost, .answerPost])
        session.postAnswered()
        #expect(begin("2") == [.receivePost])
    }

    @Test("a repeat that loses its connection as well has 5 s again")
    mutating func lostAgain() {
        _ = post("4a", "1")
        #expect(session.postAbandoned(at: start).isEmpty)
        #expect(begin("1") == [.receivePost])
        #expect(session.due(at: start + .seconds(5)).actions.isEmpty, "while its body comes, it has what a body has")
        #expect(session.postAbandoned(at: start + .seconds(5)).isEmpty)
        #expect(session.due(at: start + .seconds(9)).actions.isEmpty)
        #expect(session.due(at: start + .seconds(10)).actions == [.end(.transportClose), .forget])
    }

    @Test("a late copy of another POST is not the repeat that is awaited")
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

    @Test("without t, or with another, a POST is handled", arguments: [nil, "2"])
    mutating func other(second: String?) {
        #expect(post("4a", nil) == [text("4a"), .answerPost])
        session.postAnswered()
        #expect(post("4a", nil) == [text("4a"), .answerPost])
        session.postAnswered()
        #expect(post("4a", "1") == [text("4a"), .answerPost])
        session.postAnswered()
        #expect(post("4a", second) == [text("4a"), .answerPost])
    }

    @Test("a GET with the t of a POST is no repeat of it, nor the other way round")
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

    @Test("the repeat of a POST that waits for its ok shares it")
    mutating func shared() {
        _ = post("4a", "1")
        #expect(post("4a", "1") == [.answerPost])
        #expect(begin("2") == Self.overlap, "another one is a second POST")
    }

    @Test("a POST whose ok was lost while it waited for it has 5 s to come again")
    mutating func lostWhileWaiting() {
        _ = post("4a", "1")
        #expect(session.postAbandoned(at: start).isEmpty)
        var late = session
        #expect(late.due(at: start + .seconds(5)).actions == [.end(.transportClose), .forget])
        #expect(post("4a", "1") == [.answerPost])
        #expect(session.due(at: start + .seconds(5)).actions.isEmpty)
    }

    @Test("a POST that loses its connection before its body is there is forgotten, and handled when it comes again")
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

    @Test("the repeat of a POST whose body is still coming takes its place", arguments: [true, false])
    mutating func replaced(begins: Bool) {
        #expect(begin("1") == [.receivePost])
        if begins { #expect(begin("1") == [.dropPost, .receivePost]) }
        #expect(post("4a", "1", hasBegun: begins) == (begins ? [] : [.dropPost]) + [text("4a"), .answerPost])
    }

    @Test("two POSTs at once end the session, unless the second is the first again", arguments: [nil, "2"])
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

    @Test("a POST without t that loses its connection takes the session with it")
    mutating func withoutStamp() {
        _ = begin(nil)
        #expect(session.postAbandoned(at: start) == [.end(.transportClose), .forget])
    }

    @Test("a client that closes the session needs its last answer no more")
    mutating func closeFreesTheAnswer() {
        session.enqueue(Frames(text: "4a"))
        _ = session.pollArrived(stamp("g"), at: start)
        #expect(post("1", "p") == [.answerPost, .end(.transportClose)])
        #expect(session.queue.byteCount == 0)
        #expect(session.pollArrived(stamp("g"), at: start) == [.refuse(.unknownSession)])
    }

    @Test("the POST that closes the session is answered again for 5 s, and so is the GET that it ended")
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

    @Test("a POST that was handled is answered again after the upgrade and after the server's close")
    mutating func afterwards() {
        _ = post("4a", "1")
        session.postAnswered()
        var closed = session
        _ = closed.close(.forcedClose, at: start)
        #expect(closed.postArrived(Array("4a".utf8), stamp("1"), at: start) == [.answerPost])
        _ = session.probeArrived(at: start)
        _ = session.probeReceived(.text(Array("2probe".utf8)))
        _ = session.postBegan(stamp("2"))
        _ = session.probeReceived(.text(Array("5".utf8)))
        #expect(post("4a", "1") == [.answerPost])
        #expect(begin("2").isEmpty, "the WebSocket's session waits for no body")
        #expect(post("4a", "2") == [.refuse(.badRequest)])
        #expect(post("4a", nil) == [.refuse(.badRequest)])
    }
}
