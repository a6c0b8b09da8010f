import Actors
import Testing
import Transport

@testable import Cluster

@Suite("The questions of other hosts")
struct HostQuestionsTests {
    private let start = ContinuousClock.now
    private var questions = HostQuestions()

    private mutating func begin(_ deadline: Duration) -> UInt64? {
        let asker = BackplaneAsker(node: "n", namespace: "/", request: "q")
        return questions.begin(
            HostQuestions.Asked(asker: asker, wantsResult: true, deadline: start + deadline))
    }

    @Test("a question that nobody answers ends when its time is up")
    mutating func deadline() throws {
        let (first, second) = (begin(.seconds(1)), begin(.seconds(2)))
        let early = try #require(first)
        let late = try #require(second)
        let none = questions.endOverdueAsked(at: start + .milliseconds(999))
        let overdue = questions.endOverdueAsked(at: start + .seconds(1))
        #expect(none == [] && overdue == [early])
        #expect(questions.asked(early) == nil && questions.asked(late) != nil)
    }

    @Test("only a limited number of questions are open, and an answered one makes room")
    mutating func limit() throws {
        let numbers = (0...HostQuestions.askedLimit).map { _ in begin(.seconds(1)) }
        #expect(numbers.filter { $0 == nil }.count == 1 && numbers.last == .some(nil))
        questions.endAsked(try #require(numbers.first ?? nil))
        let next = begin(.seconds(1))
        #expect(next != nil)
    }
}
