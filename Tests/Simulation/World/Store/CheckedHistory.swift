import Persistence
import SimulatedMachine

/// A real history whose pages are compared with the committed rows.
final class CheckedHistory: History {
    private let history: any History
    private unowned let world: World

    init(_ history: any History, in world: World) {
        self.history = history
        self.world = world
    }

    func page(after id: Int64, through last: Int64, limit: PageLimit) async throws(StoreError) -> HistoryPage {
        let known = world.disk.rows(after: id, through: last).count
        let page = try await counting { () throws(StoreError) in
            try await history.page(after: id, through: last, limit: limit)
        }
        let rows = world.disk.rows(after: id, through: last)
        check(
            page, isPart: page.messages == rows.prefix(page.messages.count).map(\.stored), of: rows.count, known: known)
        return page
    }

    func page(before id: Int64, limit: PageLimit) async throws(StoreError) -> HistoryPage {
        let known = world.disk.rows(after: 0, through: id - 1).count
        let page = try await counting { () throws(StoreError) in try await history.page(before: id, limit: limit) }
        let rows = world.disk.rows(after: 0, through: id - 1)
        let last = rows.lastIndex { $0.id == page.messages.last?.id } ?? rows.startIndex - 1
        let isPart = page.messages == rows[...last].suffix(page.messages.count).map(\.stored)
        check(page, isPart: isPart, of: rows.count, known: known)
        return page
    }

    func start(ofLatest count: Int, through last: Int64) async throws(StoreError) -> Int64 {
        world.record.note(.latestLocated)
        return try await counting { () throws(StoreError) in
            try await history.start(ofLatest: count, through: last)
        }
    }

    /// - Parameters:
    ///   - count: the number of matching rows after the read.
    ///   - known: the number of matching rows before the read.
    private func check(_ page: HistoryPage, isPart: Bool, of count: Int, known: Int) {
        let isEndTrue = page.reachesEnd ? page.messages.count >= known : page.messages.count < count
        world.record.require(
            isPart && isEndTrue, .storeReportsAreTrue,
            "a page has rows \(page.messages.map(\.id)), reaches the end: \(page.reachesEnd), of \(count) rows")
    }

    private func counting<Value>(
        _ read: () async throws(StoreError) -> Value
    ) async throws(StoreError) -> Value {
        do throws(StoreError) {
            let value = try await read()
            world.record.note(.pageRead)
            return value
        } catch {
            if error != .closed { world.record.note(.pageFailed) }
            throw error
        }
    }
}
