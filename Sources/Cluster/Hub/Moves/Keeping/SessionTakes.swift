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
        /// The history of its namespace, which this host does not have.
        case history(SessionRestoration, HistoryRange, pages: Int)
    }

    struct Take {
        let namespace: String
        let privateID: SessionID
        /// What waits for the session.
        var claims: [ClaimQueue.Entry]
        var later: [SessionQuestion]
        let deadline: ContinuousClock.Instant
        var stage = Stage.value

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

    /// By the numbers of the commands whose answers have not arrived.
    private var takes: [UInt64: Take] = [:]

    var count: Int { takes.count }
    /// The namespaces of the sessions, whose messages must arrive.
    var namespaces: Set<String> { Set(takes.values.lazy.map(\.namespace)) }

    subscript(number: UInt64) -> Take? {
        get { takes[number] }
        set { takes[number] = newValue }
    }

    /// Removes and returns a take.
    mutating func remove(_ number: UInt64) -> Take? { takes.removeValue(forKey: number) }

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
    mutating func hold(_ question: SessionQuestion, in namespace: String) -> Bool {
        guard let number = number(of: namespace, question.privateID) else { return false }
        takes[number]?.later.append(question)
        return true
    }

    private func number(of namespace: String, _ privateID: SessionID?) -> UInt64? {
        takes.first { $0.value.privateID == privateID && $0.value.namespace == namespace }?.key
    }

    /// Forgets the claims of a worker that is gone.
    mutating func removeClaims(of claimant: Incarnation) {
        for number in takes.keys { takes[number]?.claims.removeAll { $0.claimant == claimant } }
    }

    /// Removes the takes whose time is up.
    mutating func expire(at now: ContinuousClock.Instant) -> [Take] {
        let overdue = takes.filter { now >= $0.value.deadline }.keys.sorted()
        return overdue.compactMap { takes.removeValue(forKey: $0) }
    }

    /// Removes all, because answers may be lost.
    mutating func removeAll() -> [Take] {
        defer { takes = [:] }
        return takes.sorted { $0.key < $1.key }.map(\.value)
    }
}
