import Actors

/// The questions of handlers to clients, and their outcomes. A question is an event emitted with an acknowledgement.
final class Questions {
    enum Outcome {
        case answer([Argument])
        case timeout
        /// The client disconnected before it answered.
        case disconnected
    }

    private struct Question {
        /// The simulated time of the timeout, in milliseconds.
        let deadline: Int
        var isAnswered = false
        var hasEnded = false
    }

    private unowned let world: World
    private var questions: [Int: Question] = [:]
    /// The number of questions without an outcome.
    private(set) var openCount = 0

    init(in world: World) {
        self.world = world
    }

    func began(_ number: Int, until deadline: Int) {
        questions[number] = Question(deadline: deadline)
        openCount += 1
    }

    /// Records that the client has sent its answer.
    func answered(_ number: Int) {
        questions[number]?.isAnswered = true
    }

    func ended(_ number: Int, with outcome: Outcome) {
        guard let question = questions[number], !question.hasEnded else {
            return world.record.require(
                false, .answersAreCorrect, "question \(number) has a second outcome: \(outcome)")
        }
        questions[number]?.hasEnded = true
        openCount -= 1
        switch outcome {
        case .answer(let arguments):
            world.record.note(.questionAnswered)
            world.record.require(
                question.isAnswered && arguments.number == number, .answersAreCorrect,
                "the handler received \(arguments) as the answer to question \(number)")
        case .timeout:
            world.record.note(.questionTimedOut)
            world.record.require(
                world.milliseconds >= question.deadline, .answersAreCorrect,
                "question \(number) timed out before its deadline, \(question.deadline) ms")
        case .disconnected: world.record.note(.questionLost)
        }
    }
}
