import Synchronization

/// The namespaces of a server.
final class NamespaceTable: Sendable {
    private struct State {
        var namespaces: [String: Namespace] = [:]
        var messageNamespace: Namespace?
    }

    private let state = Mutex(State())

    subscript(name: String) -> Namespace? {
        state.withLock { $0.namespaces[name] }
    }

    /// The namespace with this name, created at the first call.
    func of(_ name: String, make: () -> Namespace) -> Namespace {
        state.withLock { state in
            if let namespace = state.namespaces[name] { return namespace }
            let namespace = make()
            state.namespaces[name] = namespace
            return namespace
        }
    }

    /// Removes all namespaces. Clients cannot join a namespace any more.
    func removeAll() {
        let state = state.withLock { state in
            defer { state = State() }
            return state
        }
        // Release the handlers outside the lock, because their deinitializers may run any code.
        _ = state
    }

    /// The namespace whose sockets follow the stored messages.
    var messageNamespace: Namespace? {
        state.withLock { $0.messageNamespace }
    }

    func setMessageNamespace(_ namespace: Namespace) {
        state.withLock { $0.messageNamespace = namespace }
    }
}
