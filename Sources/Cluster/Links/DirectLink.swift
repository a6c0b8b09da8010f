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
