import Persistence
import Synchronization

/// A store controlled by its test: it commits at once or after ``release()``, or fails.
final class FakeStore: MessageStore {
    typealias Answer = @Sendable ([MessageDraft]) throws(StoreError) -> GroupReport

    private struct State {
        var groups: [[String]] = []
        var answers: [Answer] = []
        var deletion: @Sendable ([Int64]) -> Result<Deletion?, StoreError> = { _ in .success(nil) }
        var polls: [Result<[StoredMessage], StoreError>] = []
        var pollCount = 0
        var lastID: Int64 = 0
        var isHeld = false
        var waiting: [CheckedContinuation<Void, Never>] = []
        var isClosed = false
        var epochs: [String: Int64] = [:]
        var handler: (@Sendable (StoreNotice) -> Void)?
        var highestAssigned: Int64 = 0
    }

    private let state: Mutex<State>
    let opening: StoreOpening
    let isShared: Bool

    init(highestRowID: Int64 = 0, highestAssignedID: Int64 = 0, isShared: Bool = false) {
        self.isShared = isShared
        opening = StoreOpening(highestRowID: highestRowID, highestAssignedID: highestAssignedID, epochNumber: 1)
        var state = State()
        state.lastID = max(highestRowID, highestAssignedID)
        state.highestAssigned = state.lastID
        self.state = Mutex(state)
    }

    /// The texts of each group to commit, in order.
    var groups: [[String]] { state.withLock { $0.groups } }
    var pollCount: Int { state.withLock { $0.pollCount } }
    var isClosed: Bool { state.withLock { $0.isClosed } }

    /// Adds the answer to a later commit. Without one, a commit stores every draft as a new row.
    func answer(_ answer: @escaping Answer) {
        state.withLock { $0.answers.append(answer) }
    }

    /// Adds the result of a later poll. Without one, a poll finds no rows.
    func answerPoll(_ result: Result<[StoredMessage], StoreError>) {
        state.withLock { $0.polls.append(result) }
    }

    /// Sets the result of later deletions. Without one, the store cannot delete single messages.
    func answerDeletions(_ answer: @escaping @Sendable ([Int64]) -> Result<Deletion?, StoreError>) {
        state.withLock { $0.deletion = answer }
    }

    func delete(_ ids: [Int64]) async throws(StoreError) -> Deletion? {
        try state.withLock { $0.deletion }(ids).get()
    }

    /// Makes commits and polls wait until ``release()``.
    func hold() {
        state.withLock { $0.isHeld = true }
    }

    func release() {
        let waiting = state.withLock { state in
            defer { state.waiting = [] }
            state.isHeld = false
            return state.waiting
        }
        for waiter in waiting { waiter.resume() }
    }

    func rowLimit(ofEpoch epoch: String) -> Int64? { state.withLock { $0.epochs[epoch] } }

    var highestAssignedID: Int64 { state.withLock { $0.highestAssigned } }

    func observe(_ handler: @escaping @Sendable (StoreNotice) -> Void) async {
        state.withLock { $0.handler = handler }
    }

    func notify(_ notice: StoreNotice) {
        state.withLock { $0.handler }?(notice)
    }

    /// Makes another server's start known, and the highest id that it has assigned.
    func recordStart(_ epoch: String, limit: Int64 = .max, highestAssigned: Int64 = 0) {
        state.withLock { state in
            state.epochs[epoch] = limit
            state.highestAssigned = max(state.highestAssigned, highestAssigned)
        }
    }

    func commit(_ group: [MessageDraft]) async throws(StoreError) -> GroupReport {
        await withCheckedContinuation { continuation in
            let mustWait = state.withLock { state in
                state.groups.append(group.map { String(decoding: $0.content, as: UTF8.self) })
                if state.isHeld { state.waiting.append(continuation) }
                return state.isHeld
            }
            if !mustWait { continuation.resume() }
        }
        let answer = state.withLock { $0.answers.isEmpty ? nil : $0.answers.removeFirst() }
        if let answer { return try answer(group) }
        return state.withLock { state in
            let outcomes = group.map { _ in
                state.lastID += 1
                return DraftOutcome.stored(id: state.lastID)
            }
            return .committed(outcomes, of: group)
        }
    }

    func poll() async throws(StoreError) -> [StoredMessage] {
        await withCheckedContinuation { continuation in
            let mustWait = state.withLock { state in
                state.pollCount += 1
                if state.isHeld { state.waiting.append(continuation) }
                return state.isHeld
            }
            if !mustWait { continuation.resume() }
        }
        let result = state.withLock { state in
            state.polls.isEmpty ? .success([]) : state.polls.removeFirst()
        }
        return try result.get()
    }

    func page(after id: Int64, through last: Int64, limit: PageLimit) async throws(StoreError) -> HistoryPage {
        throw .closed
    }

    func page(before id: Int64, limit: PageLimit) async throws(StoreError) -> HistoryPage {
        throw .closed
    }

    func start(ofLatest count: Int, through last: Int64) async throws(StoreError) -> Int64 {
        throw .closed
    }

    func close() async {
        state.withLock { $0.isClosed = true }
    }
}

extension GroupReport {
    /// The report of a committed group, with the rows of other programs that the commit found.
    static func committed(
        _ outcomes: [DraftOutcome], of group: [MessageDraft], foreign rows: [StoredMessage] = []
    ) -> GroupReport {
        let outcomes = zip(group, outcomes).map { draft, outcome in outcome.outcome(of: draft) }
        return GroupReport(foreignRows: rows, outcomes: outcomes, isDeferred: false)
    }

    /// The report of a deferred group, with the rows that must be published before it.
    static func deferred(behind rows: [StoredMessage]) -> GroupReport {
        GroupReport(foreignRows: rows, outcomes: [], isDeferred: true)
    }
}

extension StoredMessage {
    init(_ id: Int64, _ text: String) {
        self.init(id: id, content: Array(text.utf8), storedAt: 0)
    }
}
