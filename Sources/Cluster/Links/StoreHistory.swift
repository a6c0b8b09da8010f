import Actors
import Persistence

/// The store's pages as a worker reads them.
struct StoreHistory: History {
    let store: any MessageHistory

    func page(after: Int64, through: Int64, maxCount: Int, maxBytes: Int) async throws -> HistoryPage {
        let page = try await store.page(
            after: after, through: through, limit: PageLimit(rows: maxCount, bytes: maxBytes))
        return HistoryPage(page)
    }

    func page(before: Int64, maxCount: Int, maxBytes: Int) async throws -> HistoryPage {
        HistoryPage(try await store.page(before: before, limit: PageLimit(rows: maxCount, bytes: maxBytes)))
    }

    func start(ofLatest count: Int, through: Int64) async throws -> Int64 {
        try await store.start(ofLatest: count, through: through)
    }
}

extension HistoryPage {
    fileprivate init(_ page: Page) {
        self.init(
            messages: page.rows.map { StoredMessage(id: $0.id, content: $0.content, storedAt: $0.createdAt) },
            reachesEnd: page.reachesEnd)
    }
}
