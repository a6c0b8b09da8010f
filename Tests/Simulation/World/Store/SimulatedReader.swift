import Persistence
import SimulatedMachine

/// Reads the simulated disk for one process. A read is performed in one step, and its result returned in another.
///
/// Safety of `@unchecked Sendable`: a simulation has one thread.
final class SimulatedReader: History, DatabaseClient, @unchecked Sendable {
    /// A pending read.
    private final class Read {
        let perform: () -> Void
        let answer: () -> Void
        var isPerformed = false

        init(perform: @escaping () -> Void, answer: @escaping () -> Void) {
            self.perform = perform
            self.answer = answer
        }
    }

    private let world: World
    private var reads: [Read] = []
    private var isClosed = false

    init(in world: World) {
        self.world = world
    }

    /// Fails the pending reads, because the process has ended.
    func end() {
        isClosed = true
        for read in reads { read.answer() }
        reads = []
    }

    var hasWork: Bool { !reads.isEmpty }

    /// Advances a random pending read by one step.
    func step() {
        guard !reads.isEmpty else { return }
        let index = world.kernel.choices.below(reads.count)
        guard reads[index].isPerformed else {
            reads[index].isPerformed = true
            return reads[index].perform()
        }
        reads.remove(at: index).answer()
    }

    private func read<Value: Sendable>(_ perform: @escaping (Disk) -> Value) async throws(StoreError) -> Value {
        try await withCheckedContinuation { (continuation: CheckedContinuation<Result<Value, StoreError>, Never>) in
            var result = Result<Value, StoreError>.failure(.closed)
            guard !isClosed else { return continuation.resume(returning: result) }
            reads.append(
                Read {
                    self.world.record.note(.pageRead)
                    guard self.world.injectsFault(perMille: 50) else {
                        result = .success(perform(self.world.disk))
                        return
                    }
                    self.world.record.note(.pageFailed)
                    result = .failure(.failed(code: 10, message: "disk I/O error", path: "simulated"))
                } answer: {
                    continuation.resume(returning: result)
                })
        }.get()
    }

    func page(after id: Int64, through last: Int64, limit: PageLimit) async throws(StoreError) -> HistoryPage {
        try await read { disk in
            Self.page(Array(disk.rows(after: id, through: last, isVisible: true)), limit)
        }
    }

    func page(before id: Int64, limit: PageLimit) async throws(StoreError) -> HistoryPage {
        try await read { disk in
            let page = Self.page(disk.rows(after: 0, through: id - 1, isVisible: true).reversed(), limit)
            return HistoryPage(messages: page.messages.reversed(), reachesEnd: page.reachesEnd)
        }
    }

    private static func page(_ rows: [Disk.Row], _ limit: PageLimit) -> HistoryPage {
        var (count, bytes) = (0, 0)
        while count < rows.count, count < max(1, limit.messages) {
            bytes += rows[count].content.count
            guard count == 0 || bytes <= limit.bytes else { break }
            count += 1
        }
        return HistoryPage(messages: rows.prefix(count).map(\.stored), reachesEnd: count == rows.count)
    }

    func start(ofLatest count: Int, through last: Int64) async throws(StoreError) -> Int64 {
        world.record.note(.latestLocated)
        return try await read { disk in
            disk.rows(after: 0, through: last, isVisible: true).dropLast(count).last?.id ?? 0
        }
    }
}
