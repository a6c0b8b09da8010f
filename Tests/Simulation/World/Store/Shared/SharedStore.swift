import Persistence
import SimulatedMachine

/// One host's store in the shared database. It gives the promises of the store in PostgreSQL: all hosts get all rows in
/// one order, and an uncertain commit is resolved before anything else is done.
///
/// Safety of `@unchecked Sendable`: a simulation has one thread.
final class SharedStore: MessageStore, DatabaseClient, @unchecked Sendable {
    typealias CommitResult = Result<GroupReport, StoreError>
    typealias PollResult = Result<[StoredMessage], StoreError>

    /// The progress of the current group.
    private enum Storing {
        case idle
        /// The statement waits for the lock.
        case waiting([MessageDraft])
        /// The statement has run. The server has the lock for this host.
        case inserted(SharedWriter.Attempt)
        /// The connection broke before the server answered. The server may still commit, until the host ends that.
        case uncertain(SharedWriter.Attempt, isCommitted: Bool)
        case committed(SharedWriter.Attempt)
        case failed(StoreError)
    }

    let opening: StoreOpening
    /// The number of the start, which names it at the lock.
    let number: Int
    private let world: World
    private unowned let database: SharedDatabase
    private var writer: SharedWriter
    private var storing = Storing.idle
    private var committing: CheckedContinuation<CommitResult, Never>?
    private var polling: CheckedContinuation<PollResult, Never>?
    private let reader: SimulatedReader
    private var isClosed = false
    private var handler: (@Sendable (StoreNotice) -> Void)?
    private var notices: [StoreNotice] = []
    /// The epochs that were recorded when the store last read the database.
    private var epochs: Set<String>
    private(set) var highestAssignedID: Int64
    /// Called when the store has reported every row.
    var onReadAll: () -> Void = {}

    init(_ database: SharedDatabase, in world: World, number: Int) {
        self.database = database
        self.world = world
        self.number = number
        epochs = database.epochs
        reader = SimulatedReader(in: world)
        let highest = world.disk.rows.last?.id ?? 0
        writer = SharedWriter(maxRows: world.settings.foreignRows, watermark: highest)
        highestAssignedID = world.disk.lastID
        opening = StoreOpening(
            highestRowID: highest, highestAssignedID: world.disk.lastID, epochNumber: Int64(world.disk.starts.count))
    }

    let isShared = true

    func rowLimit(ofEpoch epoch: String) -> Int64? { epochs.contains(epoch) ? .max : nil }

    func observe(_ handler: @escaping @Sendable (StoreNotice) -> Void) async {
        self.handler = handler
    }

    // MARK: Writing

    func commit(_ group: [MessageDraft]) async throws(StoreError) -> GroupReport {
        try await withCheckedContinuation { continuation in
            guard !isClosed else { return continuation.resume(returning: CommitResult.failure(.closed)) }
            precondition(committing == nil, "one group at a time")
            committing = continuation
            storing = .waiting(group)
        }.get()
    }

    func poll() async throws(StoreError) -> [StoredMessage] {
        try await withCheckedContinuation { continuation in
            guard !isClosed else { return continuation.resume(returning: PollResult.failure(.closed)) }
            polling = continuation
        }.get()
    }

    func close() async {}

    /// Fails the pending operations, because the process has ended. The server may still commit what it has got.
    func end() {
        isClosed = true
        database.closed(self)
        switch storing {
        case .inserted(let attempt):
            endTransaction(attempt, isCommitted: world.kernel.choices.chance(perMille: 500))
        case .uncertain(let attempt, isCommitted: false): endTransaction(attempt, isCommitted: false)
        default: break
        }
        finish(.failure(.closed))
        polling?.resume(returning: .failure(.closed))
        polling = nil
        handler = nil
        reader.end()
    }

    private func endTransaction(_ attempt: SharedWriter.Attempt, isCommitted: Bool) {
        guard world.disk.transaction == number else { return }
        world.disk.transaction = nil
        if isCommitted { commitRows(of: attempt) }
    }

    private func commitRows(of attempt: SharedWriter.Attempt) {
        database.commit(attempt.added, lastID: attempt.lastID, by: number)
        world.noteCommit(attempt.outcomes, attempt.added)
    }

    private func finish(_ result: CommitResult) {
        // The hub relies on correct reports.
        let result = world.record.violation == nil ? result : .failure(.closed)
        storing = .idle
        committing?.resume(returning: result)
        committing = nil
    }

    // MARK: Notices

    /// Another process has added rows. A notice may be lost.
    func rowsWereAdded() {
        if !world.injectsFault(perMille: 200), notices.isEmpty { notices.append(.changed) }
    }

    /// The database server has closed the connections.
    func lostConnection() {
        notices += [.disconnected(database: "simulated", reason: "restart"), .reconnected(database: "simulated")]
        if case .inserted(let attempt) = storing {
            // The server rolls back, or has just committed.
            let isCommitted = world.kernel.choices.chance(perMille: 500)
            endTransaction(attempt, isCommitted: isCommitted)
            storing = .uncertain(attempt, isCommitted: isCommitted)
        } else if case .uncertain(let attempt, isCommitted: false) = storing {
            endTransaction(attempt, isCommitted: false)
        }
    }

    // MARK: Steps

    private var isStoring: Bool { if case .idle = storing { false } else { true } }

    /// True if a step would do something.
    var hasWork: Bool { isStoring || polling != nil || !notices.isEmpty || reader.hasWork }

    /// Advances one pending operation by one step.
    func step() {
        if !notices.isEmpty, world.kernel.choices.chance(perMille: 500) || !isStoring {
            let notice = notices.removeFirst()
            handler?(notice)
            return
        }
        if isStoring, !reader.hasWork || world.kernel.choices.chance(perMille: 600) { return write() }
        if let continuation = polling { return poll(continuation) }
        if reader.hasWork { reader.step() }
    }

    private var unavailable: StoreError { .unavailable(database: "simulated", reason: "no connection") }

    private func write() {
        switch storing {
        case .idle: break
        case .waiting(let group): insert(group)
        case .inserted(let attempt): commit(attempt)
        case .uncertain(let attempt, let isCommitted): resolve(attempt, isCommitted: isCommitted)
        case .committed(let attempt):
            report(attempt)
            finish(.success(groupReport(of: attempt)))
        case .failed(let error): finish(.failure(error))
        }
    }

    private func insert(_ group: [MessageDraft]) {
        guard !database.isAway else {
            storing = .failed(unavailable)
            return
        }
        guard world.disk.transaction == nil else { return waitForLock() }
        guard !world.injectsFault(perMille: 40) else {
            world.record.note(.groupRolledBack)
            storing = .failed(unavailable)
            return
        }
        let attempt = writer.insert(
            group, into: world.disk, at: 1 + Int64(world.milliseconds), gap: world.nextGap)
        guard attempt.reachesEnd else {
            world.record.note(.groupDeferred)
            report(attempt)
            return finish(.success(groupReport(of: attempt)))
        }
        world.disk.transaction = number
        world.record.note(.groupInserted)
        storing = .inserted(attempt)
    }

    /// Lets the group wait for the lock of another transaction. It may wait too long.
    private func waitForLock() {
        world.record.note(.databaseBusy)
        if world.injectsFault(perMille: 100) { storing = .failed(unavailable) }
    }

    private func commit(_ attempt: SharedWriter.Attempt) {
        guard world.injectsFault(perMille: 80) else {
            endTransaction(attempt, isCommitted: true)
            storing = .committed(attempt)
            return
        }
        let isCommitted = world.kernel.choices.chance(perMille: 500)
        if isCommitted { endTransaction(attempt, isCommitted: true) }
        notices += [.disconnected(database: "simulated", reason: "reset"), .reconnected(database: "simulated")]
        storing = .uncertain(attempt, isCommitted: isCommitted)
    }

    /// Ends the old session at the server, and then reads whether it had committed.
    private func resolve(_ attempt: SharedWriter.Attempt, isCommitted: Bool) {
        if !isCommitted, world.disk.transaction == number, world.kernel.choices.chance(perMille: 200) {
            // The server commits late.
            endTransaction(attempt, isCommitted: true)
            storing = .uncertain(attempt, isCommitted: true)
            return
        }
        guard !database.isAway, world.kernel.choices.chance(perMille: 300) else { return }
        endTransaction(attempt, isCommitted: false)
        world.record.note(isCommitted ? .unknownCommitStored : .unknownCommitAbsent)
        storing = isCommitted ? .committed(attempt) : .failed(unavailable)
    }

    private func report(_ attempt: SharedWriter.Attempt) {
        writer.report(attempt)
        if !attempt.foreign.isEmpty { world.record.note(.foreignRowsPublished) }
        world.record.note(.groupReported)
        look()
        if attempt.reachesEnd { onReadAll() }
    }

    /// Notes what a call has read besides the rows.
    private func look() {
        epochs = database.epochs
        highestAssignedID = world.disk.lastID
    }

    private func groupReport(of attempt: SharedWriter.Attempt) -> GroupReport {
        GroupReport(
            foreignRows: attempt.foreign.map(\.stored), outcomes: attempt.outcomes, isDeferred: !attempt.reachesEnd)
    }

    private func poll(_ continuation: CheckedContinuation<PollResult, Never>) {
        polling = nil
        guard !database.isAway, !world.injectsFault(perMille: 20) else {
            world.record.note(.pollFailed)
            return continuation.resume(returning: .failure(unavailable))
        }
        let attempt = writer.foreign(on: world.disk)
        writer.report(attempt)
        look()
        if attempt.foreign.isEmpty { onReadAll() } else { world.record.note(.foreignRowsPublished) }
        continuation.resume(returning: .success(attempt.foreign.map(\.stored)))
    }

    // MARK: Reading

    func page(after id: Int64, through last: Int64, limit: PageLimit) async throws(StoreError) -> HistoryPage {
        try await reader.page(after: id, through: last, limit: limit)
    }

    func page(before id: Int64, limit: PageLimit) async throws(StoreError) -> HistoryPage {
        try await reader.page(before: id, limit: limit)
    }

    func start(ofLatest count: Int, through last: Int64) async throws(StoreError) -> Int64 {
        try await reader.start(ofLatest: count, through: last)
    }
}
