import Persistence
import Synchronization
import Transport

/// An in-memory store that tests can stall and make fail.
final class GatedStore: MessageStore {
    private struct State {
        var failsCommits = false
        var failsPages = 0
    }

    /// The time of every row, in milliseconds since 1970.
    static let time: Int64 = 1_700_000_000_123

    private let store: SQLiteStore
    private let gate = Gate()
    private let pageGate = Gate()
    private let state = Mutex(State())

    let opening: StoreOpening

    /// - Parameters:
    ///   - history: The initial messages, with ids from 1.
    ///   - loop: The loop that runs the store's work.
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
        pageGate.open()
    }

    /// Suspends commits until ``release()``.
    func hold() { gate.close() }

    func release() {
        gate.open()
        pageGate.open()
    }

    /// The number of suspended commits.
    var held: Int { gate.count }

    /// Suspends the reads of pages that end before an id, until ``release()``.
    func holdPages() { pageGate.close() }

    /// Resumes the first suspended read of a page.
    func letOnePageThrough() { pageGate.letOnePass() }

    /// The number of suspended reads of pages.
    var heldPages: Int { pageGate.count }

    /// Makes all later commits fail or succeed.
    func setFailing(_ fails: Bool) { state.withLock { $0.failsCommits = fails } }

    /// Makes the next `count` reads fail.
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
        await pageGate.pass()
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
