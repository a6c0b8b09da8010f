import Actors
import Testing
import Transport

@testable import Cluster

@Suite("The questions of a host for sessions")
struct SessionQuestionsTests {
    private let now = ContinuousClock.now
    private var questions = SessionQuestions(of: "me", patience: .seconds(1), limit: 3)
    private var queue = ClaimQueue()

    private mutating func entry(_ letter: Character, in namespace: String = "/") throws -> ClaimQueue.Entry {
        let claim = Claim(
            number: 1, namespace: namespace, privateID: try SessionID(letter), offset: nil, maxMissedBytes: 100)
        queue.append(claim, by: Incarnation(number: 1), at: now, looks: 0)
        let entry = queue.remove(queue.lastNumber)
        return try #require(entry)
    }

    /// Asks, and returns the number of the question; 0 if the claim waits for an open one, nil if it is refused.
    private mutating func ask(
        _ letter: Character, in namespace: String = "/", after delay: Duration = .zero
    ) throws -> UInt64? {
        switch questions.ask(for: try entry(letter, in: namespace), at: now + delay) {
        case .ask(let question): question.name.number
        case .wait: 0
        case .refuse: nil
        }
    }

    private func question(_ letter: Character) throws -> SessionQuestion {
        SessionQuestion(
            name: QuestionName(host: "other", number: 9), privateID: try SessionID(letter), offset: nil,
            maxMissedBytes: 1)
    }

    @Test("claims of one session share a question")
    mutating func share() throws {
        #expect(try ask("a") == 1)
        #expect(try ask("a") == 0)
        #expect(try ask("a", in: "/n") == 2)
        let ended = questions.counted(1, others: 0)
        #expect(ended?.claims.count == 2)
        #expect(try ask("a") == 3)
    }

    @Test("the number of open questions is limited")
    mutating func limit() throws {
        #expect(try [ask("a"), ask("b"), ask("c"), ask("d")] == [1, 2, 3, nil])
        #expect(questions.counted(2, others: 0) != nil)
        #expect(try ask("d") == 4)
    }

    @Test("a question ends when every other host has answered, whichever is known first")
    mutating func refusals() throws {
        #expect(try ask("a") == 1)
        #expect(questions.refused(1, by: "x", in: "/") == nil)
        #expect(questions.counted(1, others: 2) == nil)
        #expect(questions.refused(1, by: "x", in: "/") == nil, "one host counts once")
        #expect(questions.refused(1, by: "y", in: "/") != nil)
        #expect(questions.refused(1, by: "z", in: "/") == nil && questions.counted(1, others: 0) == nil)
        #expect(questions.namespaces.isEmpty && questions.deadline == nil)
    }

    @Test("later questions of others wait only for a question that has come back")
    mutating func later() throws {
        #expect(try ask("a") == 1)
        #expect(questions.keep(try question("a"), in: "/", at: now) == false)
        questions.placed(1)
        #expect(questions.keep(try question("b"), in: "/", at: now) == false)
        #expect(questions.keep(try question("a"), in: "/n", at: now) == false)
        for _ in 0..<3 { #expect(questions.keep(try question("a"), in: "/", at: now)) }
        #expect(questions.keep(try question("a"), in: "/", at: now) == false, "too many")
        #expect(questions.end(1)?.later.count == 3)
        #expect(try ask("a") == 2)
        questions.placed(2)
        #expect(questions.keep(try question("a"), in: "/", at: now))
    }

    @Test("a question is open for longer if another host has asked before", arguments: [false, true])
    mutating func predecessor(isOpen: Bool) throws {
        if isOpen { #expect(try ask("a") == 1) }
        #expect(questions.keep(try question("a"), in: "/", at: now) == false)
        #expect(questions.keep(try question("a"), in: "/", at: now) == false, "it counts once")
        if !isOpen { #expect(try ask("a") == 1) }
        #expect(try ask("b") == 2)
        #expect(questions.expire(at: now + .seconds(1)).map(\.claims.count) == [1])
        #expect(questions.deadline == now + .milliseconds(1250))
        #expect(questions.expire(at: now + .milliseconds(1249)).isEmpty)
        #expect(questions.expire(at: now + .milliseconds(1250)).count == 1)
    }

    @Test("questions of other hosts are remembered for a limited time, and a limited number of them")
    mutating func predecessors() throws {
        for letter in "abcd" { #expect(questions.keep(try question(letter), in: "/", at: now) == false) }
        for (number, letter) in [(1, "c"), (2, "d")] as [(UInt64, Character)] { #expect(try ask(letter) == number) }
        #expect(questions.deadline == now + .seconds(1), "of the fourth one")
        #expect(questions.expire(at: now + .seconds(1)).count == 1)
        #expect(questions.expire(at: now + .seconds(2)).count == 1)
        #expect(try ask("a", after: .seconds(2)) == 3)
        #expect(questions.deadline == now + .seconds(3))
    }

    @Test("a session arrives with the changes since its cut, also after the question's time")
    mutating func arrival() throws {
        #expect(try ask("a") == 1)
        let selection = SocketSelection(namespace: "/", rooms: [], exceptions: [])
        questions.note(.join(["r"]), of: selection, at: 1)
        #expect(questions.arrived(1)?.position == nil, "there was no cut")
        questions.cut(1, at: 5, in: "/")
        questions.note(.join(["s"]), of: selection, at: 6)
        questions.cut(1, at: 7, in: "/")
        #expect(questions.expire(at: now + .milliseconds(999)).isEmpty)
        #expect(questions.expire(at: now + .seconds(1)).map(\.claims.count) == [1])
        #expect(questions.namespaces == ["/"])
        let arrived = questions.arrived(1)
        let arrival = try #require(arrived)
        #expect(arrival.position == 5 && arrival.changes.map(\.position) == [6])
        #expect(arrival.ended == nil && arrival.isComplete)
        #expect(questions.arrived(1)?.position == nil, "it arrives once")
    }

    @Test("a session is not taken long after its question, and not after a gap")
    mutating func tooLate() throws {
        #expect(try ask("a") == 1)
        questions.cut(1, at: 5, in: "/")
        _ = questions.expire(at: now + .seconds(1))
        _ = questions.expire(at: now + .seconds(31))
        #expect(questions.arrived(1)?.position == nil)
        #expect(try ask("a", after: .seconds(40)) == 2)
        questions.cut(2, at: 6, in: "/")
        #expect(questions.endAll().count == 1)
        #expect(questions.arrived(2)?.position == nil)
    }

    @Test("questions that ended long ago, or too many of them, are forgotten")
    mutating func forgotten() throws {
        for round in 0..<20 {
            #expect(try ask("a", after: .seconds(round)) != nil)
            _ = questions.expire(at: now + .seconds(round + 1))
        }
        questions.cut(1, at: 1, in: "/")
        questions.cut(20, at: 1, in: "/")
        #expect(questions.arrived(1)?.position == nil && questions.arrived(20)?.position == 1)
    }

    @Test("hosts that do not answer are not waited for again, for a time or until they answer")
    mutating func silence() throws {
        #expect(try [ask("a"), ask("b")] == [1, 2])
        for number in [1, 2] as [UInt64] {
            #expect(questions.counted(number, others: 2) == nil && questions.refused(number, by: "x", in: "/") == nil)
        }
        #expect(questions.expire(at: now + .seconds(1)).count == 2)
        // The next question does not wait for the silent host, unless the number of hosts has changed.
        #expect(try ask("c", after: .seconds(2)) == 3)
        #expect(questions.counted(3, others: 2) == nil)
        #expect(questions.refused(3, by: "x", in: "/") != nil)
        #expect(try ask("c", after: .seconds(2)) == 4)
        #expect(questions.counted(4, others: 3) == nil)
        #expect(questions.refused(4, by: "x", in: "/") == nil && questions.refused(4, by: "y", in: "/") == nil)
        #expect(questions.refused(4, by: "z", in: "/") != nil)
        // It answers an earlier question, so the next one waits for it again.
        #expect(questions.refused(1, by: "y", in: "/") == nil)
        #expect(try ask("c", after: .seconds(3)) == 5)
        #expect(questions.counted(5, others: 2) == nil && questions.refused(5, by: "x", in: "/") == nil)
        #expect(questions.expire(at: now + .seconds(4)).count == 1)
        _ = questions.expire(at: now + .seconds(14))
        #expect(try ask("d", after: .seconds(14)) == 6)
        #expect(
            questions.counted(6, others: 2) == nil && questions.refused(6, by: "x", in: "/") == nil, "it is long ago")
    }

    @Test("a host that was silent may still give a session, and is not silent any more then")
    mutating func endOfSilence() throws {
        #expect(try ask("a") == 1)
        #expect(questions.counted(1, others: 1) == nil)
        #expect(questions.expire(at: now + .seconds(1)).count == 1)
        // Another namespace may have other hosts.
        #expect(try ask("a", in: "/n", after: .seconds(1)) == 2)
        #expect(questions.counted(2, others: 1) == nil)
        #expect(try ask("b", after: .seconds(1)) == 3)
        #expect(questions.counted(3, others: 1)?.claims.count == 1, "nobody is waited for")
        questions.cut(3, at: 5, in: "/")
        #expect(questions.arrived(3)?.position == 5)
        #expect(try ask("b", after: .seconds(2)) == 4)
        #expect(questions.counted(4, others: 1) == nil)
    }

    @Test("an owner that is slow is not silent")
    mutating func slowOwner() throws {
        #expect(try ask("a") == 1)
        #expect(questions.counted(1, others: 2) == nil && questions.refused(1, by: "x", in: "/") == nil)
        questions.cut(1, at: 1, in: "/")
        #expect(questions.expire(at: now + .seconds(1)).count == 1)
        #expect(try ask("b", after: .seconds(1)) == 2)
        #expect(questions.counted(2, others: 2) == nil && questions.refused(2, by: "x", in: "/") == nil)
    }

    @Test("the claims of a worker that is gone are forgotten")
    mutating func gone() throws {
        #expect(try ask("a") == 1)
        questions.removeClaims(of: Incarnation(number: 1))
        #expect(questions.counted(1, others: 0)?.claims.isEmpty == true)
    }
}

@Suite("The changes that a session on its way needs")
struct ChangeLogTests {
    @Test("a log beyond its limit drops the oldest, and says so")
    func limit() {
        var log = ChangeLog(isPermanent: false)
        let start = log.next
        let selection = SocketSelection(namespace: "/", rooms: [], exceptions: [])
        let rooms = (0..<1000).map { "a room with a name of thirty \($0)" }
        log.append(.join(["r"]), of: selection, at: 1)
        #expect(log.changes(from: start)?.count == 1)
        for position in 2..<200 { log.append(.leave(rooms), of: selection, at: UInt64(position)) }
        #expect(log.changes(from: start)?.count == nil)
        let last = log.next - 1
        #expect(log.changes(from: last)?.map(\.position) == [199])
        #expect(log.changes(from: log.next)?.isEmpty == true)
        log.noneIsAwaited()
        #expect(log.changes(from: last)?.count == nil)
    }
}
