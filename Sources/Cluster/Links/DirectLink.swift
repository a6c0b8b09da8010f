import Actors
import Persistence
import Synchronization
import Transport

/// A worker and the hub in one process, on one loop: requests and events are handed over by a call.
public final class DirectLink: Adapter {
    private let hub: Hub
    private let store: (any MessageStore)?
    private let incarnation = Mutex<Incarnation?>(nil)

    /// - Parameters:
    ///   - hub: a hub on the worker's own loop.
    ///   - store: the hub's store, to read history from.
    public init(to hub: Hub, store: (any MessageStore)?) {
        self.hub = hub
        self.store = store
    }

    public func attach(_ receiver: any StreamReceiver) {
        let end = HubEnd(receiver)
        let incarnation = hub.assumeIsolated { $0.attach(end) }
        self.incarnation.withLock { $0 = incarnation }
    }

    deinit {
        guard let incarnation = incarnation.withLock({ $0 }) else { return }
        hub.run { [hub] in hub.assumeIsolated { $0.detach(incarnation) } }
    }

    public func submit(_ requests: [HubRequest]) {
        guard let incarnation = incarnation.withLock({ $0 }) else { return }
        hub.assumeIsolated { $0.receive(requests, from: incarnation) }
    }

    public var terms: HubTerms { hub.terms }

    public var history: (any History)? { store }

    /// What the hub keeps of a worker. The worker keeps its link and the link the hub, so this must not keep the worker.
    private final class HubEnd: HubLink {
        private weak let receiver: (any StreamReceiver)?

        init(_ receiver: any StreamReceiver) {
            self.receiver = receiver
        }

        func send(_ events: [HubEvent]) {
            receiver?.receive(events)
        }

        /// Nothing is ever on its way.
        func drain() {}
    }
}
