import Actors
import Transport

/// The sessions that this host takes from the broker, because no other host has them.
///
/// A value without I/O.
struct SessionTakes {
    /// What a take waits for.
    enum Stage {
        /// The value of its key.
        case value
        /// That this host reads everything that the session's earlier host had read.
        case place(StreamSession)
        /// The rest of the history of its namespace, which this host does not have.
        case history(SessionRestoration, HistoryRange, pages: Int)
    }

    /// What a part of a history has brought.
    struct Progress {
        /// The takes whose sessions need nothing more.
        var finished: [(take: Take, restoration: SessionRestoration)] = []
        /// The takes whose sessions cannot be restored, because entries are gone or too many.
        var failed: [Take] = []
    }

    struct Take {
        let namespace: String
        let privateID: SessionID
        /// What waits for the session.
        var claims: [ClaimQueue.Entry]
        var later: [SessionQuestions.Later]
        let deadline: ContinuousClock.Instant
        var stage = Stage.value
        /// True if the value has arrived.
        var hasValue = false

        /// The claims' earliest offset; nil if one has none.
        var offset: Offset? {
            let offsets = claims.map { $0.claim.offset.flatMap(Offset.init) }
            return offsets.contains { $0 == nil } ? nil : offsets.compactMap(\.self).min { $0.position < $1.position }
        }

        /// The size of the missed events that each claim accepts, in bytes.
        /// - Parameter most: the size that a hub keeps.
        func limit(most: Int) -> Int { claims.reduce(most) { min($0, $1.claim.maxMissedBytes) } }
    }

    /// How many pages of a history are read for a session.
    static let maxPages = 500
    /// How many takes without an answer are remembered.
    static let maxInterrupted = 4096

    /// By the numbers of their first commands.
    private var takes: [UInt64: Take] = [:]
    /// The parts of histories that are being read, one of each namespace, by the numbers of the commands.
    private var readings: [UInt64: HistoryRange] = [:]
    /// The secrets of the clients whose sessions may have been taken without an answer, and until when that matters.
    private var interrupted: [SessionID: ContinuousClock.Instant] = [:]

    var count: Int { takes.count }
    /// The namespaces of the sessions, whose messages must arrive.
    var namespaces: Set<String> { Set(takes.values.lazy.map(\.namespace)) }

    subscript(number: UInt64) -> Take? {
        get { takes[number] }
        set { takes[number] = newValue }
    }

    mutating func begin(_ take: Take, as number: UInt64) {
        takes[number] = take
        interrupted[take.privateID] = nil
    }

    /// Removes and returns a take.
    mutating func remove(_ number: UInt64) -> Take? { takes.removeValue(forKey: number) }

    // MARK: Histories

    /// The part of a namespace's history to read next, for all sessions that need it; nil if none does, or if a part is
    /// being read.
    func nextReading(of namespace: String) -> HistoryRange? {
        guard !readings.values.contains(where: { $0.namespace == namespace }) else { return nil }
        let rests = takes.values.compactMap { take -> HistoryRange? in
            guard take.namespace == namespace, case .history(_, let rest, _) = take.stage else { return nil }
            return rest
        }
        guard let start = rests.map(\.start).min(), let end = rests.map(\.end).max() else { return nil }
        return HistoryRange(namespace: namespace, start: start, end: end)
    }

    mutating func read(_ range: HistoryRange, as number: UInt64) {
        readings[number] = range
    }

    /// Removes and returns the part that a command reads.
    mutating func endReading(_ number: UInt64) -> HistoryRange? { readings.removeValue(forKey: number) }

    /// Adds the entries of a part to all sessions that need them.
    /// - Parameter page: the entries; nil if some are gone.
    mutating func add(_ page: KeptHistoryPage?, of range: HistoryRange, pastStays: Int) -> Progress {
        var progress = Progress()
        for number in takes.keys.sorted() {
            guard var take = takes[number], take.namespace == range.namespace,
                case .history(var restoration, var rest, let pages) = take.stage
            else { continue }
            guard let page else {
                // A session that begins later may need none of those that are gone.
                guard rest.start <= range.start else { continue }
                takes[number] = nil
                progress.failed.append(take)
                continue
            }
            let last = page.next ?? range.end
            // One that came while the part was being read may need earlier entries.
            guard rest.start >= range.start, rest.start < last || rest.end <= last else { continue }
            // Only this copy is left, so that it is changed in its place.
            takes[number] = nil
            take.stage = .value
            // An earlier reading may have brought the first ones already.
            for (entry, message) in page.messages where entry > rest.start {
                guard let position = entry.position else { continue }
                restoration.add(message, at: position, pastStays: pastStays)
            }
            guard rest.end > last else {
                progress.finished.append((take, restoration))
                continue
            }
            guard pages < Self.maxPages else {
                progress.failed.append(take)
                continue
            }
            rest.start = last
            take.stage = .history(restoration, rest, pages: pages + 1)
            takes[number] = take
        }
        return progress
    }

    // MARK: What waits

    /// The takes that wait for a place, in order.
    var waiting: [UInt64] {
        takes.filter { if case .place = $0.value.stage { true } else { false } }.keys.sorted()
    }

    /// Adds a claim to the take of its session.
    /// - Returns: false if there is none.
    mutating func hold(_ entry: ClaimQueue.Entry) -> Bool {
        guard let number = number(of: entry.claim.namespace, entry.claim.privateID) else { return false }
        takes[number]?.claims.append(entry)
        return true
    }

    /// Keeps a question of another host for a session that this one takes.
    /// - Returns: false if there is none.
    mutating func hold(_ question: SessionQuestion, in namespace: String, at now: ContinuousClock.Instant) -> Bool {
        guard let number = number(of: namespace, question.privateID) else { return false }
        takes[number]?.later.append(SessionQuestions.Later(question: question, time: now))
        return true
    }

    private func number(of namespace: String, _ privateID: SessionID?) -> UInt64? {
        takes.first { $0.value.privateID == privateID && $0.value.namespace == namespace }?.key
    }

    /// Forgets the claims of a worker that is gone.
    mutating func removeClaims(of claimant: Incarnation) {
        for number in takes.keys { takes[number]?.claims.removeAll { $0.claimant == claimant } }
    }

    // MARK: Connections that end

    /// The connection has ended. Whether commands without an answer were carried out is not known.
    /// - Parameter patience: for how long they are remembered beyond their deadlines.
    /// - Returns: the takes that have no value. They were removed.
    mutating func connectionEnded(remembering patience: Duration) -> [Take] {
        readings = [:]
        let unanswered = takes.filter { !$0.value.hasValue }.keys.sorted()
        return unanswered.compactMap { number in
            guard let take = takes.removeValue(forKey: number) else { return nil }
            if interrupted.count < Self.maxInterrupted { interrupted[take.privateID] = take.deadline + patience }
            return take
        }
    }

    /// True if the session may have been taken without an answer.
    func mayHaveTaken(_ privateID: SessionID) -> Bool { interrupted[privateID] != nil }

    // MARK: Time

    /// Removes the takes whose time is up.
    mutating func expire(at now: ContinuousClock.Instant) -> [Take] {
        interrupted = interrupted.filter { now < $0.value }
        let overdue = takes.filter { now >= $0.value.deadline }.keys.sorted()
        return overdue.compactMap { takes.removeValue(forKey: $0) }
    }

    /// Removes all.
    mutating func removeAll() -> [Take] {
        defer { (takes, readings) = ([:], [:]) }
        return takes.sorted { $0.key < $1.key }.map(\.value)
    }
}
