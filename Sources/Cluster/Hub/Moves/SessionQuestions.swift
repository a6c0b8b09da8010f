@_spi(Collections) import Actors
import Transport

/// The questions of this host for sessions that clients claim and other hosts may have.
///
/// A question is open until the session arrives, every other host has answered that it does not have it, or its time is
/// up. A session that arrives later is still taken, if no broker keeps it: the client may claim it again.
///
/// A value without I/O. Time is an argument.
struct SessionQuestions {
    /// The place in the order at which the session has left its owner.
    struct Cut {
        /// The position of this hub. Later events are in its log.
        let position: UInt64
        /// The number of the next change.
        let change: UInt64
    }

    /// What waited for a question that has ended.
    struct Ended {
        let claims: [ClaimQueue.Entry]
        /// Questions of other hosts for the same session.
        let later: [Later]
        let namespace: String
        /// True if a host that had asked before was given the session meanwhile. It may have answered before it had it.
        var hasMoved = false
    }

    /// A question of another host that is answered when this host has got the session itself, or not.
    struct Later {
        let question: SessionQuestion
        /// The time of its arrival.
        let time: ContinuousClock.Instant
    }

    /// What a question asks for.
    private struct Key: Hashable {
        let namespace: String
        /// The secret of the client.
        let privateID: SessionID
    }

    private struct Question {
        let key: Key
        let askedAt: ContinuousClock.Instant
        var deadline: ContinuousClock.Instant
        /// The claims that wait for the session, in order.
        var claims: [ClaimQueue.Entry]
        /// True if the question has come back from the broker, so that later ones wait for this one.
        var isPlaced = false
        var cut: Cut?
        /// The number of other hosts; nil until it is known.
        var others: Int?
        /// The hosts that do not have the session.
        var refusals: Set<String> = []
        var later: [Later] = []
        var hasMoved = false
        var isOpen = true
    }

    /// How long a question is open.
    let patience: Duration
    /// How much longer a question is open if another host has asked before, which answers it when its own has ended.
    var grace: Duration { patience / 4 }
    /// The largest number of open questions, and of questions of others that wait.
    let limit: Int
    /// How long a session is taken that arrives after its client was answered.
    static let lateTime = Duration.seconds(30)

    private let host: String
    private var lastNumber: UInt64 = 0
    private var questions: [UInt64: Question] = [:]
    /// The open questions by what they ask for.
    private var open: [Key: UInt64] = [:]
    /// The numbers of the questions in order.
    private var order = Queue<UInt64>()
    private var laterCount = 0
    /// When other hosts have asked last.
    private var asked: [Key: ContinuousClock.Instant] = [:]
    private var changes: ChangeLog
    /// The number of sessions that are on their way to this host.
    private var cutCount = 0
    private var silent = SilentHosts()

    /// - Parameters:
    ///   - host: the epoch of the hub.
    ///   - keepsChanges: true to remember changes of sockets also while no session is on its way.
    init(of host: String, patience: Duration, limit: Int, keepsChanges: Bool = false) {
        changes = ChangeLog(isPermanent: keepsChanges)
        self.host = host
        self.patience = patience
        self.limit = limit
    }

    /// The namespaces of the questions, whose messages must arrive.
    var namespaces: Set<String> { Set(questions.values.lazy.map(\.key.namespace)) }

    /// The earliest time at which an open question ends; nil without one.
    var deadline: ContinuousClock.Instant? { open.values.lazy.compactMap { questions[$0]?.deadline }.min() }

    /// What to do with a claim of an unknown session.
    enum Step {
        /// Ask the other hosts.
        case ask(SessionQuestion)
        /// Nothing: an open question is about the session.
        case wait
        /// Answer it: too many questions are open, or it presents no secret.
        case refuse
    }

    /// Begins a question for a claim, or adds the claim to an open one.
    mutating func ask(for entry: ClaimQueue.Entry, at now: ContinuousClock.Instant) -> Step {
        let name = QuestionName(host: host, number: lastNumber + 1)
        guard let question = SessionQuestion(name, for: entry.claim) else { return .refuse }
        let key = Key(namespace: entry.claim.namespace, privateID: question.privateID)
        if let number = open[key] {
            questions[number]?.claims.append(entry)
            return .wait
        }
        guard open.count < limit else { return .refuse }
        lastNumber += 1
        open[key] = lastNumber
        order.append(lastNumber)
        let time = asked[key].map { now < $0 + patience } == true ? patience + grace : patience
        questions[lastNumber] = Question(key: key, askedAt: now, deadline: now + time, claims: [entry])
        return .ask(question)
    }

    /// Forgets the claims of a worker that is gone. Their questions stay open.
    mutating func removeClaims(of claimant: Incarnation) {
        for number in open.values { questions[number]?.claims.removeAll { $0.claimant == claimant } }
    }

    /// Keeps a question of another host, if this host waits for the same session and has asked before.
    mutating func keep(_ question: SessionQuestion, in namespace: String, at now: ContinuousClock.Instant) -> Bool {
        let key = Key(namespace: namespace, privateID: question.privateID)
        guard let number = open[key], questions[number]?.isPlaced == true else {
            note(key, at: now)
            return false
        }
        guard laterCount < limit else { return false }
        questions[number]?.later.append(Later(question: question, time: now))
        laterCount += 1
        return true
    }

    /// Another host has asked before this one.
    private mutating func note(_ key: Key, at now: ContinuousClock.Instant) {
        let grace = grace
        if let number = open[key], asked[key] == nil { questions[number]?.deadline += grace }
        if asked.count < limit || asked[key] != nil { asked[key] = now }
    }

    /// The question has come back.
    mutating func placed(_ number: UInt64) {
        questions[number]?.isPlaced = true
    }

    /// The number of other hosts is known.
    /// - Returns: what waited, if all of them have answered.
    mutating func counted(_ number: UInt64, others: Int) -> Ended? {
        questions[number]?.others = others
        return endIfRefused(number)
    }

    /// A host does not have the session.
    /// - Returns: what waited, if all hosts have answered.
    mutating func refused(_ number: UInt64, by other: String, in namespace: String) -> Ended? {
        guard let question = questions[number], question.isOpen else {
            // An answer that comes late is of a host that was silent, and is not any more.
            silent.heard(in: namespace)
            return nil
        }
        if question.others.map({ question.refusals.count < $0 }) ?? (question.refusals.count < limit) {
            questions[number]?.refusals.insert(other)
        }
        return endIfRefused(number)
    }

    private mutating func endIfRefused(_ number: UInt64) -> Ended? {
        guard let question = questions[number], question.isOpen, let others = question.others else { return nil }
        let silentCount = silent.count(of: others, in: question.key.namespace)
        guard question.refusals.count >= others - silentCount else { return nil }
        // A host that was silent may still give the session.
        defer { if question.refusals.count >= others { forget(number) } }
        return end(number)
    }

    /// Another host gets the session. If it has asked after this one, its claim is the later one.
    mutating func moved(_ privateID: SessionID, for name: QuestionName, in namespace: String) {
        guard let number = open[Key(namespace: namespace, privateID: privateID)],
            questions[number]?.later.contains(where: { $0.question.name.host == name.host }) == false
        else { return }
        questions[number]?.hasMoved = true
    }

    /// The owner lets the session go at this place.
    mutating func cut(_ number: UInt64, at position: UInt64, in namespace: String) {
        silent.heard(in: namespace)
        guard let question = questions[number], question.cut == nil else { return }
        questions[number]?.cut = Cut(position: position, change: changes.next)
        cutCount += 1
    }

    /// Notes a change of sockets at this place.
    mutating func note(_ change: SocketChange, of selection: SocketSelection, at position: UInt64) {
        if cutCount > 0 || changes.isPermanent { changes.append(change, of: selection, at: position) }
    }

    /// Changes up to a position may be missing.
    mutating func noteGap(at position: UInt64) {
        changes.noteGap(at: position)
    }

    /// The changes after a position; nil if one may be missing.
    func changes(after position: UInt64) -> ArraySlice<ChangeLog.Entry>? { changes.changes(after: position) }

    /// A session that arrives.
    struct Arrival {
        let namespace: String
        let privateID: SessionID
        /// When this host has asked for the session.
        let askedAt: ContinuousClock.Instant
        /// The position of the cut.
        let position: UInt64
        /// The changes since the cut.
        let changes: ArraySlice<ChangeLog.Entry>
        /// What waited; nil if the question was not open any more.
        let ended: Ended?
        /// False if changes are missing, so that the session cannot be taken.
        let isComplete: Bool
    }

    /// The session has arrived. Returns nil if it cannot be taken.
    mutating func arrived(_ number: UInt64) -> Arrival? {
        guard let question = questions[number], let cut = question.cut else { return nil }
        let changes = changes.changes(from: cut.change)
        let ended = question.isOpen ? end(number) : nil
        forget(number)
        return Arrival(
            namespace: question.key.namespace, privateID: question.key.privateID, askedAt: question.askedAt,
            position: cut.position, changes: changes ?? [], ended: ended, isComplete: changes != nil)
    }

    /// Ends the question, because it is lost.
    mutating func end(_ number: UInt64) -> Ended? {
        guard let question = questions[number], question.isOpen else { return nil }
        questions[number]?.isOpen = false
        questions[number]?.claims = []
        questions[number]?.later = []
        open[question.key] = nil
        laterCount -= question.later.count
        return Ended(
            claims: question.claims, later: question.later, namespace: question.key.namespace,
            hasMoved: question.hasMoved)
    }

    /// Ends the questions whose time is up, and forgets those that ended long ago. Returns what waited for them.
    mutating func expire(at now: ContinuousClock.Instant) -> [Ended] {
        silent.expire(at: now)
        asked = asked.filter { now < $0.value + patience }
        let overdue = open.values.filter { questions[$0].map { now >= $0.deadline } ?? false }.sorted()
        for number in overdue { noteSilence(number, at: now) }
        let ended = overdue.compactMap { end($0) }
        while let number = order.first {
            if let question = questions[number] {
                guard !question.isOpen, now >= question.deadline + Self.lateTime || order.count > 2 * limit else {
                    break
                }
            }
            _ = order.removeFirst()
            forget(number)
        }
        return ended
    }

    /// Notes how many hosts have not answered a question whose time is up. An owner that has published a cut is only
    /// slow.
    private mutating func noteSilence(_ number: UInt64, at now: ContinuousClock.Instant) {
        guard let question = questions[number], question.cut == nil, let others = question.others else { return }
        silent.note(others - question.refusals.count, of: others, in: question.key.namespace, at: now)
    }

    /// Ends all questions, because messages may be lost.
    /// - Returns: what waited for each of them.
    mutating func endAll() -> [Ended] {
        let ended = open.values.sorted().compactMap { end($0) }
        questions = [:]
        order = Queue()
        changes.noneIsAwaited()
        cutCount = 0
        return ended
    }

    private mutating func forget(_ number: UInt64) {
        if questions.removeValue(forKey: number)?.cut != nil { cutCount -= 1 }
        if cutCount == 0 { changes.noneIsAwaited() }
    }
}
