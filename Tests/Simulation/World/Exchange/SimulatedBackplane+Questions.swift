import Cluster

/// The questions of this host to others.
extension SimulatedBackplane {
    func answered(_ answer: BackplaneAnswer, _ number: UInt64) {
        guard questions[number] != nil else { return }
        switch answer {
        case .clientCount(let count):
            change(number) { question in
                question.answers += 1
                question.clients += count
            }
        case .acknowledgement:
            deliver(.answered(number, answer))
            change(number) { $0.acknowledgements += 1 }
        case .sockets, .rooms, .result:
            deliver(.answered(number, answer))
            change(number) { $0.answers += 1 }
        }
    }

    func change(_ number: UInt64, _ change: (inout OpenQuestion) -> Void) {
        guard var question = questions[number] else { return }
        change(&question)
        questions[number] = question.isComplete ? nil : question
        if question.isComplete {
            world.record.note(.hostsAnswered)
            deliver(.questionEnded(number, isComplete: true))
        }
    }
}
