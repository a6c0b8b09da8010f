import Actors
import Persistence
import Synchronization
import Transport

/// The link between a worker and the hub in one process on one loop. Requests and events are passed by calls.
public final class DirectLink: Adapter {
    private let hub: Hub
    private let store: (any MessageStore)?
    private let incarnation = Mutex<Incarnation?>(nil)

    /// - Parameters:
    ///   - hub: a hub on the worker's own loop.
    ///   - store: the hub's store, for reading history; nil if there is none.
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

    /// The hub's reference to the worker. It is weak, to break a reference cycle: the worker keeps the link, the link
    /// keeps the hub, and the hub keeps this object.
    private final class HubEnd: HubLink {
        private weak let receiver: (any StreamReceiver)?

        init(_ receiver: any StreamReceiver) {
            self.receiver = receiver
        }

        func send(_ events: [HubEvent]) {
            receiver?.receive(events)
        }

        /// Does nothing: requests are passed by calls, so none are in flight.
        func drain() -> Bool { true }
    }
}
