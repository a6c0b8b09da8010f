import Actors
import Testing
import Transport

@testable import Cluster

@Suite("Questions to the other nodes of a Redis server")
struct RedisQuestionsTests {
    private var questions = RedisQuestions()

    private mutating func receive(
        _ answer: BackplaneAnswer, to requestID: String = "q"
    ) -> QuestionProgress? {
        questions.receive(RedisAnswer(requestID: requestID, answer: answer))
    }

    @Test("a question of which the server says that nobody else is there is complete at once")
    mutating func alone() {
        questions.open(1, requestID: "q", asksClients: false)
        questions.counts(5, for: "q")
        #expect(questions.counted(4, 7) == nil)
        #expect(questions.counted(5, 1) == QuestionProgress(number: 1, hasEnded: true))
        #expect(questions.counted(5, 1) == nil)
    }

    @Test("a question is complete when each other node has answered")
    mutating func nodes() {
        questions.open(1, requestID: "q", asksClients: false)
        questions.counts(5, for: "q")
        #expect(receive(.rooms(["a"])) == QuestionProgress(number: 1, answer: .rooms(["a"])))
        #expect(questions.counted(5, 3) == QuestionProgress(number: 1))
        #expect(receive(.rooms([]), to: "other") == nil)
        #expect(receive(.rooms([])) == QuestionProgress(number: 1, answer: .rooms([]), hasEnded: true))
        #expect(receive(.rooms([])) == nil)
    }

    @Test("an answer may come before the number of nodes")
    mutating func early() {
        questions.open(1, requestID: "q", asksClients: false)
        questions.counts(5, for: "q")
        _ = receive(.rooms(["a"]))
        #expect(questions.counted(5, 2) == QuestionProgress(number: 1, hasEnded: true))
    }

    @Test("an event for clients is complete when each node has told its clients, and each client has answered")
    mutating func clients() throws {
        questions.open(1, requestID: "q", asksClients: true)
        questions.counts(5, for: "q")
        _ = questions.counted(5, 3)
        #expect(receive(.clientCount(1)) == QuestionProgress(number: 1))
        let seven = BackplaneAnswer.acknowledgement(EncodedArguments(text: Array("7".utf8), attachments: []))
        #expect(receive(seven) == QuestionProgress(number: 1, answer: seven))
        #expect(receive(.clientCount(1)) == QuestionProgress(number: 1))
        let last = receive(seven)
        #expect(last?.hasEnded == true)
    }

    @Test("answers of another kind are ignored")
    mutating func wrongKind() {
        questions.open(1, requestID: "q", asksClients: true)
        questions.open(2, requestID: "r", asksClients: false)
        #expect(receive(.rooms([])) == nil)
        #expect(receive(.clientCount(1), to: "r") == nil)
        #expect(receive(.acknowledgement(EncodedArguments(text: [], attachments: [])), to: "r") == nil)
    }

    @Test("a question whose nodes the server does not count stays open")
    mutating func uncounted() {
        questions.open(1, requestID: "q", asksClients: false)
        questions.counts(5, for: "q")
        #expect(!questions.countFailed(4) && questions.countFailed(5) && !questions.countFailed(5))
        #expect(receive(.rooms(["a"])) == QuestionProgress(number: 1, answer: .rooms(["a"])))
        #expect(questions.removeAll() == [1])
    }

    @Test("a dismissed question gets no answer")
    mutating func dismissed() {
        questions.open(1, requestID: "q", asksClients: false)
        questions.counts(5, for: "q")
        questions.dismiss(1)
        #expect(receive(.rooms([])) == nil && questions.counted(5, 1) == nil)
    }

    @Test("the end of the connection ends all questions")
    mutating func disconnected() {
        questions.open(2, requestID: "q", asksClients: false)
        questions.open(1, requestID: "r", asksClients: true)
        #expect(questions.removeAll() == [1, 2])
        #expect(receive(.rooms([])) == nil)
    }

    @Test("the oldest question is forgotten beyond the limit")
    mutating func bounded() {
        for number in 0...OpenQuestions<Int>.limit {
            questions.open(UInt64(number), requestID: "\(number)", asksClients: false)
        }
        #expect(receive(.rooms([]), to: "0") == nil)
        #expect(receive(.rooms([]), to: "1") != nil)
        #expect(questions.removeAll().count == OpenQuestions<Int>.limit)
    }
}
