@_spi(Collections) import Actors
import Transport

/// The end of a host: no other host waits in vain for an answer of it.
extension Hub {
    /// How long the hub waits for what is in progress: sessions on their way to other hosts, and its own handlers.
    private static let leavingTime = Duration.seconds(1)

    /// The workers are asked to end, so a question to their handlers that they do not answer has no other answer.
    func stopBegins() {
        isStopping = true
    }

    /// Asks the other hosts no more, and answers them as long as they count this host among those that answer. Without
    /// workers the answers are empty lists, and null in place of the result of a handler.
    func leaveOthers() async {
        guard let backplane, !isLeaving else { return }
        (isStopping, isLeaving) = (true, true)
        // A session is given when its cut has come back, which only a broker that keeps messages still delivers later.
        refusesSessions = !backplane.keepsMessages
        await loop.wait(atMost: Self.leavingTime) { sessionsMove }
        await backplane.withdraw()
        await loop.wait(atMost: Self.leavingTime) { !deliveries.isEmpty || questions.awaitsResults || sessionsMove }
        refusesSessions = true
        for (number, question) in questions.takeAsked() {
            dismissInquiry(number)
            if question.wantsResult { answerWithoutHandlers(question.asker) }
        }
        endSessionQuestions()
        endTakes()
    }

    private var sessionsMove: Bool {
        !leaving.isEmpty || machine.claims.questionCount > 0 || takes.count > 0
    }
}
