import Synchronization

/// The namespaces of a server. They may be created before the server has a worker.
final class NamespaceTable: Sendable {
    private struct State {
        var namespaces: [String: Namespace] = [:]
        var messageNamespace: Namespace?
        /// The server's worker; nil before the start and after the end. Weak, because the worker retains this table.
        weak var worker: Worker?
    }

    private let state = Mutex(State())

    subscript(name: String) -> Namespace? {
        state.withLock { $0.namespaces[name] }
    }

    /// The namespace with this name, created at the first call.
    func of(_ name: String) -> Namespace {
        state.withLock { state in
            if let namespace = state.namespaces[name] { return namespace }
            let namespace = Namespace(name: name, in: self)
            state.namespaces[name] = namespace
            return namespace
        }
    }

    /// Removes all namespaces. Clients cannot join a namespace any more.
    func removeAll() {
        let state = state.withLock { state in
            let removed = state
            state = State()
            state.worker = removed.worker
            return removed
        }
        // Release the handlers outside the lock, because their deinitializers may run any code.
        _ = state
    }

    var worker: Worker? {
        state.withLock { $0.worker }
    }

    func attach(_ worker: Worker) {
        state.withLock { $0.worker = worker }
    }

    /// The namespace whose sockets follow the stored messages.
    var messageNamespace: Namespace? {
        state.withLock { $0.messageNamespace }
    }

    func setMessageNamespace(_ namespace: Namespace) {
        state.withLock { $0.messageNamespace = namespace }
    }
}
