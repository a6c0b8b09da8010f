import Actors

/// The questions of this host to the other nodes, in the protocol of the official adapters with heartbeats. A question
/// waits for the nodes that were there when it was asked. A value without I/O.
struct ClusterQuestions {
    private struct Question {
        let namespace: String
        let kind: Kind
        /// The nodes that have not answered.
        var waiting: Set<String>
        /// The nodes that have answered. A second answer is ignored.
        var answered: Set<String> = []
        /// The number of clients of each node that have not acknowledged.
        var clients: [String: Int] = [:]
        var lacksAnswers = false

        var isComplete: Bool { waiting.isEmpty && clients.values.allSatisfy { $0 <= 0 } }

        /// The node has answered.
        /// - Returns: false if it had answered before.
        mutating func answer(from node: String) -> Bool {
            guard answered.count < ClusterNodes.limit, answered.insert(node).inserted else { return false }
            waiting.remove(node)
            return true
        }
    }

    /// Who answers a question.
    enum Kind {
        case sockets
        case clients
        case servers
    }

    private var questions = OpenQuestions<Question>()

    var isEmpty: Bool { questions.isEmpty }

    /// Opens a question.
    /// - Parameters:
    ///   - number: the asker's name of the question.
    ///   - requestID: its name on the way.
    ///   - nodes: the nodes that must answer.
    /// - Returns: nil if there are some. Otherwise the question has ended.
    mutating func open(
        _ kind: Kind, _ number: UInt64, requestID: String, in namespace: String, to nodes: Set<String>
    ) -> QuestionProgress? {
        guard !nodes.isEmpty else { return QuestionProgress(number: number, hasEnded: true) }
        questions.open(Question(namespace: namespace, kind: kind, waiting: nodes), number, id: requestID)
        return nil
    }

    /// Handles an answer.
    /// - Returns: nil if it answers no open question.
    mutating func receive(_ message: ClusterMessage) -> QuestionProgress? {
        switch message.content {
        case .sockets(let sockets, let id):
            change(id, .sockets, message, .sockets(sockets.compactMap { FetchedSocket($0) })) { question in
                question.answer(from: message.uid)
            }
        case .serverAnswer(let value, let id):
            change(id, .servers, message, .result(value.argument)) { $0.answer(from: message.uid) }
        case .clientCount(let count, let id):
            change(id, .clients, message, nil) { question in
                guard question.answer(from: message.uid) else { return false }
                question.clients[message.uid, default: 0] += count
                return true
            }
        case .acknowledgement(let value, let id):
            change(id, .clients, message, .acknowledgement(value.argument)) { question in
                guard question.answered.contains(message.uid) else { return false }
                question.clients[message.uid, default: 0] -= 1
                return true
            }
        default: nil
        }
    }

    /// A node is gone. Nothing waits for it any more.
    mutating func remove(_ node: String, from namespace: String) -> [QuestionProgress] {
        questions.ids.compactMap { id in
            guard var question = questions[id], question.namespace == namespace else { return nil }
            let hadAnswered = question.waiting.remove(node) == nil
            let hadClients = question.clients.removeValue(forKey: node).map { $0 > 0 } ?? false
            guard !hadAnswered || hadClients else { return nil }
            // It has no sockets any more, so a list without them is complete.
            question.lacksAnswers = question.lacksAnswers || hadClients || question.kind == .servers
            return update(id, question, nil)
        }
    }

    private mutating func change(
        _ id: String, _ kind: Kind, _ message: ClusterMessage, _ answer: BackplaneAnswer?,
        _ change: (inout Question) -> Bool
    ) -> QuestionProgress? {
        guard var question = questions[id], question.kind == kind, question.namespace == message.namespace,
            change(&question)
        else { return nil }
        return update(id, question, answer)
    }

    private mutating func update(
        _ id: String, _ question: Question, _ answer: BackplaneAnswer?
    ) -> QuestionProgress? {
        guard let number = questions.number(of: id) else { return nil }
        questions.update(id, question)
        if question.isComplete { questions.end(id) }
        return QuestionProgress(
            number: number, answer: answer, hasEnded: question.isComplete, lacksAnswers: question.lacksAnswers)
    }

    /// Forgets a question.
    mutating func dismiss(_ number: UInt64) {
        questions.dismiss(number)
    }

    /// Forgets all questions, because the connection has ended.
    /// - Returns: their numbers, in order.
    mutating func removeAll() -> [UInt64] { questions.removeAll() }
}

extension ClusterQuestions.Kind {
    /// The kind of a question; nil for one that the format does not have.
    init?(_ question: BackplaneQuestion) {
        switch question {
        case .sockets: self = .sockets
        case .clients: self = .clients
        case .servers: self = .servers
        case .rooms: return nil
        }
    }
}
