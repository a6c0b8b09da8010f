import Actors
import Persistence
import Synchronization
import Transport

/// A worker and the hub in one process, on one loop: operations and items are handed over by a call.
public final class DirectLink: Adapter, HubLink {
    private let hub: Hub
    private let store: (any MessageStore)?
    private let ends = Mutex<(incarnation: Incarnation, receiver: any StreamReceiver)?>(nil)

    /// - Parameters:
    ///   - hub: a hub on the worker's own loop.
    ///   - store: the hub's store, to read history from.
    public init(to hub: Hub, store: (any MessageStore)?) {
        self.hub = hub
        self.store = store
    }

    public func attach(_ receiver: any StreamReceiver) {
        let incarnation = hub.assumeIsolated { $0.attach(self) }
        ends.withLock { $0 = (incarnation, receiver) }
    }

    public func submit(_ operations: [Operation]) {
        guard let incarnation = ends.withLock({ $0?.incarnation }) else { return }
        hub.assumeIsolated { $0.receive(operations, from: incarnation) }
    }

    func send(_ items: [StreamItem]) {
        ends.withLock { $0?.receiver }?.receive(items)
    }

    /// Nothing is ever on its way.
    func hearOut() {}

    public var terms: HubTerms { hub.terms }

    public var history: (any History)? {
        store.map(StoreHistory.init)
    }
}

/// The store's pages as a worker reads them.
struct StoreHistory: History {
    let store: any MessageStore

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
