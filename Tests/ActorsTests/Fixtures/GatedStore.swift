import Persistence
import Synchronization
import Transport

/// A store in memory that can be held up and made to fail.
final class GatedStore: MessageStore {
    private struct State {
        var failsCommits = false
        var failsPages = 0
    }

    /// The time of every row, in milliseconds since 1970.
    static let time: Int64 = 1_700_000_000_123

    private let store: SQLiteStore
    private let gate = Gate()
    private let state = Mutex(State())

    let opening: StoreOpening

    /// - Parameters:
    ///   - history: the messages that are there from the start, with the ids from 1 on.
    ///   - loop: where the store does its work.
    init(history: [String], on loop: EventLoop) async throws {
        var options = SQLiteStore.Options()
        options.machine = LoopStoreMachine(loop: loop)
        options.wallClock = { Self.time }
        store = try SQLiteStore(path: SQLiteStore.memoryPath, epoch: "epoch", options: options)
        if !history.isEmpty {
            _ = try await store.commit(history.map { MessageDraft(clientOffset: nil, content: Array($0.utf8)) })
        }
        let highest = Int64(history.count)
        opening = StoreOpening(highestRowID: highest, highestAssignedID: highest, epochNumber: 1)
        gate.open()
    }

    /// Makes commits wait until ``release()``.
    func hold() { gate.close() }

    func release() { gate.open() }

    /// How many commits wait.
    var held: Int { gate.count }

    /// Whether commits fail.
    func setFailing(_ fails: Bool) { state.withLock { $0.failsCommits = fails } }

    /// Makes the next readings fail.
    func failPages(_ count: Int) { state.withLock { $0.failsPages = count } }

    func rowLimit(ofEpoch epoch: String) -> Int64? { store.rowLimit(ofEpoch: epoch) }

    func commit(_ group: [MessageDraft]) async throws(StoreError) -> GroupReport {
        await gate.pass()
        if state.withLock({ $0.failsCommits }) { throw .failed(code: 13, message: "disk full", path: ":memory:") }
        return try await store.commit(group)
    }

    func poll() async throws(StoreError) -> [StoredMessage] {
        try await store.poll()
    }

    func page(after id: Int64, through last: Int64, limit: PageLimit) async throws(StoreError) -> HistoryPage {
        try failIfAsked()
        return try await store.page(after: id, through: last, limit: limit)
    }

    func page(before id: Int64, limit: PageLimit) async throws(StoreError) -> HistoryPage {
        try failIfAsked()
        return try await store.page(before: id, limit: limit)
    }

    func start(ofLatest count: Int, through last: Int64) async throws(StoreError) -> Int64 {
        try failIfAsked()
        return try await store.start(ofLatest: count, through: last)
    }

    private func failIfAsked() throws(StoreError) {
        let fails = state.withLock { state in
            guard state.failsPages > 0 else { return false }
            state.failsPages -= 1
            return true
        }
        if fails { throw .failed(code: 10, message: "disk I/O error", path: ":memory:") }
    }

    func close() async {
        await store.close()
    }
}
