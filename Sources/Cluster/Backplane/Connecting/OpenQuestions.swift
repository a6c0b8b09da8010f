@_spi(Collections) import Actors

/// What an answer means for the asker.
struct QuestionProgress: Equatable {
    let number: UInt64
    var answer: BackplaneAnswer?
    /// True if no further answers are expected.
    var hasEnded = false
    /// True if a node is gone before it has answered completely.
    var lacksAnswers = false
}

/// The open questions of this host to other nodes, by the ids under which they answer.
struct OpenQuestions<Question> {
    /// The maximum number of open questions. The oldest are forgotten beyond it, so their askers wait in vain.
    static var limit: Int { 4096 }

    private var questions: [String: (number: UInt64, question: Question)] = [:]
    private var order = Queue<String>()

    var isEmpty: Bool { questions.isEmpty }
    /// The ids of the questions, in the order of their numbers.
    var ids: [String] { questions.sorted { $0.value.number < $1.value.number }.map(\.key) }

    /// Opens a question.
    /// - Parameters:
    ///   - number: the asker's name of the question.
    ///   - id: the name of the question on the way.
    mutating func open(_ question: Question, _ number: UInt64, id: String) {
        questions[id] = (number, question)
        order.append(id)
        // Ended questions at the front are forgotten. One that is open for long is followed by ended ones.
        while let oldest = order.first, questions[oldest] == nil || order.count > Self.limit {
            questions[oldest] = nil
            _ = order.removeFirst()
        }
    }

    /// The question with an id; nil if none is open.
    subscript(id: String) -> Question? { questions[id]?.question }

    /// The number of an open question.
    func number(of id: String) -> UInt64? { questions[id]?.number }

    /// Replaces an open question.
    mutating func update(_ id: String, _ question: Question) {
        questions[id]?.question = question
    }

    /// Ends a question.
    mutating func end(_ id: String) {
        questions[id] = nil
    }

    /// Forgets a question.
    mutating func dismiss(_ number: UInt64) {
        for (id, question) in questions where question.number == number { questions[id] = nil }
    }

    /// Forgets all questions, because the connection has ended.
    /// - Returns: their numbers, in order.
    mutating func removeAll() -> [UInt64] {
        defer { self = OpenQuestions() }
        return questions.values.map(\.number).sorted()
    }
}
