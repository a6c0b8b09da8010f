import Persistence
import SimulatedMachine

/// One process's store on the simulated disk. Insertion, commit, visibility and report are separate steps, and the
/// process may end between any two steps.
///
/// Safety of `@unchecked Sendable`: a simulation has one thread.
final class SimulatedStore: MessageStore, DatabaseClient, @unchecked Sendable {
    typealias CommitResult = Result<GroupReport, StoreError>

    /// The progress of the current group.
    private enum Storing {
        case idle
        case waiting([MessageDraft])
        case inserted(StoreWriter.Attempt)
        case committed(StoreWriter.Attempt)
        case visible(StoreWriter.Attempt)
        case failed(StoreError)
    }

    let opening: StoreOpening
    private let world: World
    private var writer: StoreWriter
    private var storing = Storing.idle
    private var committing: CheckedContinuation<CommitResult, Never>?
    private var polling: CheckedContinuation<Result<[StoredMessage], StoreError>, Never>?
    private let reader: SimulatedReader
    private var isClosed = false
    /// True while the hub publishes the last report.
    private var isPublishing = false

    init(in world: World, epoch: String, number: Int) {
        self.world = world
        reader = SimulatedReader(in: world)
        writer = StoreWriter(opening: &world.disk, epoch: epoch, process: number)
        opening = StoreOpening(
            highestRowID: world.disk.rows.last?.id ?? 0, highestAssignedID: world.disk.lastID,
            epochNumber: Int64(world.disk.starts.count))
    }

    func rowLimit(ofEpoch epoch: String) -> Int64? { writer.rowLimit(ofEpoch: epoch) }

    // MARK: Writing

    func commit(_ group: [MessageDraft]) async throws(StoreError) -> GroupReport {
        try await withCheckedContinuation { continuation in
            guard !isClosed else { return continuation.resume(returning: CommitResult.failure(.closed)) }
            notePublished()
            precondition(committing == nil, "one group at a time")
            committing = continuation
            storing = .waiting(group)
        }.get()
    }

    func poll() async throws(StoreError) -> [StoredMessage] {
        try await withCheckedContinuation { continuation in
            guard !isClosed else {
                return continuation.resume(returning: Result<[StoredMessage], StoreError>.failure(.closed))
            }
            notePublished()
            polling = continuation
        }.get()
    }

    func close() async {}

    /// Records that the hub has published the last report. The hub's next call to the store shows this.
    private func notePublished() {
        if isPublishing { world.record.note(.groupPublished) }
        isPublishing = false
    }

    /// Fails the pending operations, because the process has ended.
    func end() {
        isClosed = true
        if world.disk.transaction == writer.process { world.disk.transaction = nil }
        storing = .idle
        finish(.failure(.closed))
        polling?.resume(returning: .failure(.closed))
        polling = nil
        reader.end()
    }

    private func finish(_ result: CommitResult) {
        storing = .idle
        committing?.resume(returning: result)
        committing = nil
    }

    // MARK: Steps

    /// True if a step would do something.
    var hasWork: Bool {
        if case .idle = storing { return polling != nil || reader.hasWork }
        return true
    }

    /// Advances one pending operation by one step.
    func step() {
        let canWrite = if case .idle = storing { false } else { true }
        if canWrite, !reader.hasWork || world.kernel.choices.chance(perMille: 600) { return write() }
        if let continuation = polling { return poll(continuation) }
        reader.step()
    }

    private func write() {
        switch storing {
        case .idle: break
        case .waiting(let group): insert(group)
        case .inserted(let attempt): commit(attempt)
        case .committed(let attempt):
            world.disk.makeVisible()
            world.record.note(.groupVisible)
            storing = .visible(attempt)
        case .visible(let attempt):
            writer.report(attempt)
            world.record.note(.groupReported)
            isPublishing = true
            finish(.success(report(of: attempt)))
        case .failed(let error): finish(.failure(error))
        }
    }

    private func insert(_ group: [MessageDraft]) {
        guard world.disk.transaction == nil else { return waitForLock() }
        if world.injectsFault(perMille: 40) {
            world.record.note(.groupRolledBack)
            storing = .failed(.failed(code: 13, message: "database or disk is full", path: "simulated"))
            return
        }
        do throws(StoreWriter.Failure) {
            let attempt = try writer.insert(
                group, into: world.disk, at: 1 + Int64(world.milliseconds), gap: world.nextGap)
            guard attempt.reachesEnd else {
                world.record.note(.groupDeferred)
                writer.report(attempt)
                return finish(.success(report(of: attempt)))
            }
            world.disk.transaction = writer.process
            world.record.note(.groupInserted)
            storing = .inserted(attempt)
        } catch {
            world.record.note(.superseded)
            storing = .failed(.superseded(path: "simulated"))
        }
    }

    /// Lets the group wait for the lock that another program holds. The group may time out.
    private func waitForLock() {
        world.record.note(.databaseBusy)
        guard world.kernel.choices.chance(perMille: 200) else { return }
        storing = .failed(.failed(code: 5, message: "database is locked", path: "simulated"))
    }

    private func commit(_ attempt: StoreWriter.Attempt) {
        world.disk.transaction = nil
        let isUnknown = world.injectsFault(perMille: 60)
        let isStored = !isUnknown || world.kernel.choices.chance(perMille: 500)
        if isStored {
            world.disk.commit(attempt.added, lastID: attempt.lastID, by: writer.process)
            world.noteCommit(attempt.outcomes, attempt.added)
        }
        guard isUnknown else {
            storing = .committed(attempt)
            return
        }
        // The store reads back to determine the outcome. If that fails too, the server must exit.
        if world.kernel.choices.chance(perMille: 300) {
            world.record.note(.outcomeUnknown)
            world.disk.makeVisible()
            storing = .failed(.outcomeUnknown(message: "disk I/O error", path: "simulated"))
        } else {
            world.record.note(isStored ? .unknownCommitStored : .unknownCommitAbsent)
            storing = isStored ? .committed(attempt) : .failed(.failed(code: 10, message: "disk I/O error", path: ""))
        }
    }

    private func report(of attempt: StoreWriter.Attempt) -> GroupReport {
        if attempt.foreign?.isEmpty == false { world.record.note(.foreignRowsPublished) }
        return GroupReport(
            foreignRows: (attempt.foreign ?? []).map(\.stored), outcomes: attempt.outcomes,
            isDeferred: !attempt.reachesEnd)
    }

    private func poll(_ continuation: CheckedContinuation<Result<[StoredMessage], StoreError>, Never>) {
        polling = nil
        if world.injectsFault(perMille: 20) {
            world.record.note(.pollFailed)
            return continuation.resume(
                returning: .failure(.failed(code: 10, message: "disk I/O error", path: "simulated")))
        }
        do throws(StoreWriter.Failure) {
            let rows = try writer.poll(world.disk)
            if !rows.isEmpty { world.record.note(.foreignRowsPublished) }
            continuation.resume(returning: .success(rows.map(\.stored)))
        } catch {
            world.record.note(.superseded)
            continuation.resume(returning: .failure(.superseded(path: "simulated")))
        }
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
