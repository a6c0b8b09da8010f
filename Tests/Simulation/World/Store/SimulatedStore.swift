import Persistence
import SimulatedMachine

/// The store of one process, on the simulated disk: insert, commit, visible and reported are steps of their own, and the process
/// may end between any two.
///
/// Safety of `@unchecked Sendable`: a simulation has one thread.
final class SimulatedStore: MessageStore, @unchecked Sendable {
    typealias CommitResult = Result<GroupReport, StoreError>

    /// Where the group at the disk is.
    private enum Storing {
        case idle
        case waiting([StoreRequest])
        case inserted(StoreWriter.Attempt)
        case committed(StoreWriter.Attempt)
        case visible(StoreWriter.Attempt)
        case failed(StoreError)
    }

    /// A read that was asked for; its answer is made at one step and arrives at another.
    private final class Read {
        let take: () -> Void
        let answer: () -> Void
        var isTaken = false

        init(take: @escaping () -> Void, answer: @escaping () -> Void) {
            self.take = take
            self.answer = answer
        }
    }

    let opening: StoreOpening
    private let world: World
    private var writer: StoreWriter
    private var storing = Storing.idle
    private var committing: CheckedContinuation<CommitResult, Never>?
    private var polling: CheckedContinuation<Result<[Row], StoreError>, Never>?
    private var reads: [Read] = []
    private var isClosed = false

    init(in world: World, epoch: String, number: Int) {
        self.world = world
        writer = StoreWriter(opening: &world.disk, epoch: epoch, process: number)
        opening = StoreOpening(
            highestRowID: world.disk.rows.last?.id ?? 0, highestAssignedID: world.disk.lastID,
            epochNumber: Int64(world.disk.starts.count))
    }

    func rowLimit(ofEpoch epoch: String) -> Int64? { writer.rowLimit(ofEpoch: epoch) }

    // MARK: Writing

    func commit(_ group: [StoreRequest]) async throws(StoreError) -> GroupReport {
        try await withCheckedContinuation { continuation in
            guard !isClosed else { return continuation.resume(returning: CommitResult.failure(.closed)) }
            precondition(committing == nil, "one group at a time")
            committing = continuation
            storing = .waiting(group)
        }.get()
    }

    func poll() async throws(StoreError) -> [Row] {
        try await withCheckedContinuation { continuation in
            guard !isClosed else { return continuation.resume(returning: Result<[Row], StoreError>.failure(.closed)) }
            polling = continuation
        }.get()
    }

    func close() async {}

    /// The process has gone: nothing that it asked for is answered any more.
    func end() {
        isClosed = true
        if world.disk.transaction == writer.process { world.disk.transaction = nil }
        storing = .idle
        finish(.failure(.closed))
        polling?.resume(returning: .failure(.closed))
        polling = nil
        for read in reads { read.answer() }
        reads = []
    }

    private func finish(_ result: CommitResult) {
        storing = .idle
        committing?.resume(returning: result)
        committing = nil
    }

    // MARK: Steps

    /// Whether a step has something to do.
    var hasWork: Bool {
        if case .idle = storing { return polling != nil || !reads.isEmpty }
        return true
    }

    /// Brings one of the things at the disk one step on.
    func step() {
        let canWrite = if case .idle = storing { false } else { true }
        if canWrite, reads.isEmpty || world.kernel.choices.chance(600) { return write() }
        if let continuation = polling { return poll(continuation) }
        guard !reads.isEmpty else { return }
        let index = world.kernel.choices.below(reads.count)
        guard reads[index].isTaken else {
            reads[index].isTaken = true
            return reads[index].take()
        }
        reads.remove(at: index).answer()
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
            finish(.success(report(of: attempt)))
        case .failed(let error): finish(.failure(error))
        }
    }

    private func insert(_ group: [StoreRequest]) {
        guard world.disk.transaction == nil else { return }
        if world.hasFault(perMille: 40) {
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

    private func commit(_ attempt: StoreWriter.Attempt) {
        world.disk.transaction = nil
        let isUnknown = world.hasFault(perMille: 60)
        let isStored = !isUnknown || world.kernel.choices.chance(500)
        if isStored {
            world.disk.commit(attempt.added, lastID: attempt.lastID, by: writer.process)
            world.committed(attempt)
        }
        guard isUnknown else {
            storing = .committed(attempt)
            return
        }
        // Reading back tells what has happened; if that fails too, this start must not go on.
        if world.kernel.choices.chance(300) {
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
            createdAt: attempt.createdAt, isDeferred: !attempt.reachesEnd)
    }

    private func poll(_ continuation: CheckedContinuation<Result<[Row], StoreError>, Never>) {
        polling = nil
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

    private func read<Value: Sendable>(_ take: @escaping (Disk) -> Value) async throws(StoreError) -> Value {
        try await withCheckedContinuation { (continuation: CheckedContinuation<Result<Value, StoreError>, Never>) in
            var result = Result<Value, StoreError>.failure(.closed)
            guard !isClosed else { return continuation.resume(returning: result) }
            reads.append(
                Read {
                    self.world.record.note(.pageRead)
                    guard self.world.hasFault(perMille: 50) else {
                        result = .success(take(self.world.disk))
                        return
                    }
                    self.world.record.note(.pageFailed)
                    result = .failure(.failed(code: 10, message: "disk I/O error", path: "simulated"))
                } answer: {
                    continuation.resume(returning: result)
                })
        }.get()
    }

    func page(after id: Int64, through last: Int64, limit: PageLimit) async throws(StoreError) -> Page {
        try await read { disk in
            Self.page(Array(disk.rows(after: id, through: last, isVisible: true)), limit)
        }
    }

    func page(before id: Int64, limit: PageLimit) async throws(StoreError) -> Page {
        try await read { disk in
            let page = Self.page(disk.rows(after: 0, through: id - 1, isVisible: true).reversed(), limit)
            return Page(rows: page.rows.reversed(), reachesEnd: page.reachesEnd)
        }
    }

    private static func page(_ rows: [Disk.Row], _ limit: PageLimit) -> Page {
        var (count, bytes) = (0, 0)
        while count < rows.count, count < max(1, limit.rows) {
            bytes += rows[count].content.count
            guard count == 0 || bytes <= limit.bytes else { break }
            count += 1
        }
        return Page(rows: rows.prefix(count).map(\.stored), reachesEnd: count == rows.count)
    }

    func start(ofLatest count: Int, through last: Int64) async throws(StoreError) -> Int64 {
        world.record.note(.locatedLatest)
        return try await read { disk in
            disk.rows(after: 0, through: last, isVisible: true).dropLast(count).last?.id ?? 0
        }
    }
}
