import Persistence
import SimulatedMachine

/// A real store whose reports are compared with the committed rows.
///
/// Safety of `@unchecked Sendable`: a simulation has one thread.
final class CheckedStore: MessageStore, @unchecked Sendable {
    private let store: SQLiteStore
    private let history: CheckedHistory
    private unowned let world: World
    /// The id of the last reported row.
    private var watermark: Int64
    /// True while the hub publishes the last report.
    private var isPublishing = false

    init(_ store: SQLiteStore, in world: World) {
        self.store = store
        self.world = world
        history = CheckedHistory(store, in: world)
        watermark = store.opening.highestRowID
    }

    var opening: StoreOpening { store.opening }

    func rowLimit(ofEpoch epoch: String) -> Int64? { store.rowLimit(ofEpoch: epoch) }

    func close() async { await store.close() }

    // MARK: Writing

    func commit(_ group: [MessageDraft]) async throws(StoreError) -> GroupReport {
        notePublished()
        do throws(StoreError) {
            let report = try await store.commit(group)
            check(report, of: group)
            try endIfBroken()
            return report
        } catch {
            noteFailure(error)
            throw error
        }
    }

    func poll() async throws(StoreError) -> [StoredMessage] {
        notePublished()
        do throws(StoreError) {
            let rows = try await store.poll()
            check(rows.map(\.id))
            try endIfBroken()
            return rows
        } catch {
            noteFailure(error)
            throw error
        }
    }

    /// Records that the hub has published the last report. The hub's next call to the store shows this.
    private func notePublished() {
        if isPublishing { world.record.note(.groupPublished) }
        isPublishing = false
    }

    private func noteFailure(_ error: StoreError) {
        switch error {
        case .superseded: world.record.note(.superseded)
        case .outcomeUnknown: world.record.note(.outcomeUnknown)
        default: break
        }
    }

    /// Stops the store after a violation, because the hub relies on correct reports.
    private func endIfBroken() throws(StoreError) {
        if world.record.violation != nil { throw .closed }
    }

    // MARK: Checks

    private func check(_ report: GroupReport, of group: [MessageDraft]) {
        var reported = report.foreignRows.map(\.id)
        for (request, outcome) in zip(group, report.outcomes) {
            let id: Int64
            switch outcome {
            case .stored(let message):
                id = message.id
                reported.append(id)
            case .repeated(let repeated):
                id = repeated
                world.record.note(.repeatStored)
            case .refused(let error):
                // The store tries again without the messages that a full disk could not take.
                world.record.require(
                    error.cause == .full && !world.settings.isFaultFree, .storeReportsAreTrue,
                    "a message is refused: \(error)")
                continue
            }
            world.record.require(
                world.disk.row(id: id)?.content == request.content, .storeReportsAreTrue,
                "\(String(decoding: request.content, as: UTF8.self)) is reported as row \(id)")
        }
        world.record.require(
            report.isDeferred || report.outcomes.count == group.count, .storeReportsAreTrue,
            "the report of a group is incomplete")
        world.record.note(report.isDeferred ? .groupDeferred : .groupReported)
        isPublishing = !report.isDeferred
        check(reported, foreign: report.foreignRows.count)
    }

    private func check(_ reported: [Int64], foreign: Int? = nil) {
        guard let last = reported.last else { return }
        if foreign ?? reported.count > 0 { world.record.note(.foreignRowsPublished) }
        let committed = world.disk.rows(after: watermark, through: last).map(\.id)
        world.record.require(
            committed == reported, .storeReportsAreTrue,
            "rows \(reported) are reported after \(watermark), but \(committed) are committed")
        watermark = last
    }

    // MARK: Reading

    func page(after id: Int64, through last: Int64, limit: PageLimit) async throws(StoreError) -> HistoryPage {
        try await history.page(after: id, through: last, limit: limit)
    }

    func page(before id: Int64, limit: PageLimit) async throws(StoreError) -> HistoryPage {
        try await history.page(before: id, limit: limit)
    }

    func start(ofLatest count: Int, through last: Int64) async throws(StoreError) -> Int64 {
        try await history.start(ofLatest: count, through: last)
    }
}
