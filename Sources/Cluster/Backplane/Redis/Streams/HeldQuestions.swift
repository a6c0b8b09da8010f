import Actors
import Transport

/// Questions of other hosts that have arrived before the entries that their askers had added to the stream before.
///
/// A value without I/O. Time is an argument.
struct HeldQuestions {
    private struct Held {
        let question: BackplaneQuestion
        let asker: BackplaneAsker
        let after: EntryID
        let deadline: ContinuousClock.Instant
    }

    /// How long a question waits at most.
    static let patience = Duration.seconds(1)
    /// The most questions that wait. Further ones do not.
    private static let limit = 1000

    private var questions: [Held] = []

    var isEmpty: Bool { questions.isEmpty }

    /// Holds a question.
    /// - Returns: false if it need not wait, or cannot.
    mutating func hold(
        _ question: BackplaneQuestion, _ asker: BackplaneAsker, after: EntryID?, at place: EntryID?,
        now: ContinuousClock.Instant
    ) -> Bool {
        guard let after, let place, after > place, questions.count < Self.limit else { return false }
        questions.append(Held(question: question, asker: asker, after: after, deadline: now + Self.patience))
        return true
    }

    /// Takes the questions that wait no longer.
    /// - Parameter place: the last entry that was read.
    mutating func takeReady(
        at place: EntryID?, now: ContinuousClock.Instant
    ) -> [(question: BackplaneQuestion, asker: BackplaneAsker)] {
        guard !questions.isEmpty else { return [] }
        let isReady = { (held: Held) in now >= held.deadline || place.map { held.after <= $0 } ?? true }
        let ready = questions.filter(isReady)
        if !ready.isEmpty { questions.removeAll(where: isReady) }
        return ready.map { ($0.question, $0.asker) }
    }
}
