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
        self.init(messages: page.rows.map(StoredMessage.init), reachesEnd: page.reachesEnd)
    }
}

extension StoredMessage {
    /// A row as workers know it.
    init(_ row: Row) {
        self.init(
            id: row.id, content: row.content, storedAt: row.createdAt, author: row.author,
            clientOffset: row.clientOffset)
    }
}
