import Actors

/// What handlers ask clients, and what comes of it.
final class Questions {
    enum Outcome {
        case answer([Argument])
        case timeout
        /// The client was gone.
        case disconnected
    }

    private struct Question {
        /// In virtual milliseconds.
        let deadline: Int
        var isAnswered = false
        var hasEnded = false
    }

    private unowned let world: World
    private var questions: [Int: Question] = [:]
    /// How many are without an outcome.
    private(set) var openCount = 0

    init(in world: World) {
        self.world = world
    }

    func began(_ number: Int, until deadline: Int) {
        questions[number] = Question(deadline: deadline)
        openCount += 1
    }

    /// The client gives its answer.
    func answered(_ number: Int) {
        questions[number]?.isAnswered = true
    }

    func ended(_ number: Int, with outcome: Outcome) {
        guard let question = questions[number], !question.hasEnded else {
            return world.record.require(false, .answersAreCorrect, "question \(number) ends again: \(outcome)")
        }
        questions[number]?.hasEnded = true
        openCount -= 1
        switch outcome {
        case .answer(let arguments):
            world.record.note(.questionAnswered)
            world.record.require(
                question.isAnswered && arguments.number == number, .answersAreCorrect,
                "question \(number) is answered with \(arguments)")
        case .timeout:
            world.record.note(.questionTimedOut)
            world.record.require(
                world.milliseconds >= question.deadline, .answersAreCorrect,
                "question \(number) ends before its time, \(question.deadline)")
        case .disconnected: world.record.note(.questionLost)
        }
    }
}
