import Actors
import Transport

/// The sessions that are on their way from this host to others: from the publishing of their cut until they were given.
///
/// A value without I/O.
struct LeavingSessions {
    private struct Leaving {
        let entry: ClaimQueue.Entry
        let id: SessionID
    }

    /// The largest number of sessions on their way, because the messages with their events are large.
    static let limit = 16
    /// The largest number of questions of other hosts that wait for their turn.
    static let maxQuestions = 1024

    /// The sessions whose cut has not come back.
    private var cut: [QuestionName: Leaving] = [:]
    /// The sessions that were given, in messages that have not come back.
    private var given: Set<QuestionName> = []

    /// True if no session is on its way.
    var isEmpty: Bool { cut.isEmpty && given.isEmpty }
    /// True if further sessions have to wait.
    var isFull: Bool { cut.count + given.count >= Self.limit }
    /// The sessions whose cut was published. Claims of them wait.
    var ids: Set<SessionID> { Set(cut.values.lazy.map(\.id)) }

    /// A session is to leave: its cut is published, now or when a broker has its present value.
    mutating func begin(_ entry: ClaimQueue.Entry, _ name: QuestionName, _ id: SessionID) {
        cut[name] = Leaving(entry: entry, id: id)
    }

    /// The questions for a session that a broker has, or does not have, as it leaves.
    func released(_ id: SessionID) -> [(name: QuestionName, entry: ClaimQueue.Entry)] {
        cut.filter { $0.value.id == id }.map { (name: $0.key, entry: $0.value.entry) }
    }

    /// The cut has come back, or is lost.
    /// - Returns: the question.
    mutating func finishCut(_ name: QuestionName) -> ClaimQueue.Entry? { cut.removeValue(forKey: name)?.entry }

    /// The session is published.
    mutating func give(_ name: QuestionName) {
        given.insert(name)
    }

    /// Keeps the sessions whose cut has not come back, because it may be lost.
    /// - Returns: the questions for them, and their namespaces.
    mutating func keepAll() -> [(name: QuestionName, namespace: String)] {
        let kept = cut.map { (name: $0.key, namespace: $0.value.entry.claim.namespace) }
        cut = [:]
        given = []
        return kept.sorted { ($0.name.host, $0.name.number) < ($1.name.host, $1.name.number) }
    }

    /// The message with the session has come back, or is lost.
    mutating func finish(_ name: QuestionName) {
        given.remove(name)
    }
}
