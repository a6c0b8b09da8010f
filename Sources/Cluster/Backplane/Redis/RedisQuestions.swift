import Actors

/// The questions of this host to the other nodes of a Redis server, whose answers have not all arrived.
///
/// The number of the other nodes is that of the subscriptions to the channel that each node subscribes to, without this
/// host's own.
struct RedisQuestions {
    private struct Question {
        let asksClients: Bool
        /// The number of the other nodes; nil until the server has told it.
        var nodes: Int?
        /// The number of nodes that have answered.
        var answers = 0
        /// The number of clients of these nodes, and of the acknowledgements that have arrived.
        var clients = 0
        var acknowledgements = 0

        var isComplete: Bool { nodes.map { answers >= $0 } ?? false && acknowledgements >= clients }
    }

    private var questions = OpenQuestions<Question>()
    /// The questions by the number of the command that asks for the number of nodes.
    private var counting: [UInt64: String] = [:]

    /// Opens a question.
    mutating func open(_ number: UInt64, requestID: String, asksClients: Bool) {
        questions.open(Question(asksClients: asksClients), number, id: requestID)
    }

    var isEmpty: Bool { questions.isEmpty }

    /// The server was asked for the number of nodes.
    mutating func counts(_ command: UInt64, for requestID: String) {
        counting[command] = requestID
    }

    /// The server has not told the number of nodes. The question stays open.
    /// - Returns: false if the command did not ask for it.
    mutating func countFailed(_ command: UInt64) -> Bool { counting.removeValue(forKey: command) != nil }

    /// The server has told the number of subscriptions, with this host's own.
    mutating func counted(_ command: UInt64, _ subscriptions: Int) -> QuestionProgress? {
        guard let requestID = counting.removeValue(forKey: command) else { return nil }
        return change(requestID) { $0.nodes = max(0, subscriptions - 1) }
    }

    /// Handles an answer.
    /// - Returns: nil if no such question is open.
    mutating func receive(_ answer: RedisAnswer) -> QuestionProgress? {
        guard let asksClients = questions[answer.requestID]?.asksClients else { return nil }
        switch (answer.answer, asksClients) {
        case (.sockets, false), (.rooms, false), (.result, false):
            return change(answer.requestID, answer.answer) { $0.answers += 1 }
        case (.clientCount(let count), true):
            return change(answer.requestID) { question in
                question.answers += 1
                question.clients += count
            }
        case (.acknowledgement, true):
            return change(answer.requestID, answer.answer) { $0.acknowledgements += 1 }
        default: return nil
        }
    }

    private mutating func change(
        _ requestID: String, _ answer: BackplaneAnswer? = nil, _ change: (inout Question) -> Void
    ) -> QuestionProgress? {
        guard var question = questions[requestID], let number = questions.number(of: requestID) else { return nil }
        change(&question)
        questions.update(requestID, question)
        if question.isComplete { questions.end(requestID) }
        return QuestionProgress(number: number, answer: answer, hasEnded: question.isComplete)
    }

    /// Forgets a question.
    mutating func dismiss(_ number: UInt64) {
        questions.dismiss(number)
    }

    /// Forgets all questions, because the connection has ended.
    /// - Returns: their numbers, in order.
    mutating func removeAll() -> [UInt64] {
        counting = [:]
        return questions.removeAll()
    }
}
