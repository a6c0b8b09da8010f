import Actors

/// What handlers ask clients, and what comes of it.
final class Questions {
    enum Outcome {
        case answer([Argument])
        case timeout
        /// The client was gone.
        case loss
    }

    private struct Question {
        /// In virtual milliseconds.
        let deadline: Int
        var isAnswered = false
        var isOver = false
    }

    private unowned let world: World
    private var questions: [Int: Question] = [:]
    /// How many are without an outcome.
    private(set) var openCount = 0

    init(in world: World) {
        self.world = world
    }

    func asked(_ number: Int, until deadline: Int) {
        questions[number] = Question(deadline: deadline)
        openCount += 1
    }

    /// The client gives its answer.
    func answered(_ number: Int) {
        questions[number]?.isAnswered = true
    }

    func ended(_ number: Int, with outcome: Outcome) {
        guard let question = questions[number], !question.isOver else {
            return world.record.require(false, .answersAreTrue, "question \(number) ends again: \(outcome)")
        }
        questions[number]?.isOver = true
        openCount -= 1
        switch outcome {
        case .answer(let arguments):
            world.record.note(.questionAnswered)
            world.record.require(
                question.isAnswered && arguments.number == number, .answersAreTrue,
                "question \(number) is answered with \(arguments)")
        case .timeout:
            world.record.note(.questionTimedOut)
            world.record.require(
                world.milliseconds >= question.deadline, .answersAreTrue,
                "question \(number) ends before its time, \(question.deadline)")
        case .loss: world.record.note(.questionLost)
        }
    }
}
