import Synchronization

/// The namespaces of a server. They may be created before the server has a worker.
final class NamespaceTable: Sendable {
    struct State {
        var namespaces: [String: Namespace] = [:]
        /// The parents of dynamic namespaces, in the order of their creation.
        var parents: [ParentNamespace] = []
        /// The dynamic namespaces by name.
        var children: [String: ChildUse] = [:]
        var creationHandlers: [@Sendable (Namespace) -> Void] = []
        var messageNamespace: Namespace?
        /// The server's worker; nil before the start and after the end. Weak, because the worker retains this table.
        weak var worker: Worker?
    }

    let state = Mutex(State())

    /// Makes a table with the main namespace, which clients can join even if the application sets nothing up there.
    init() {
        _ = of("/")
    }

    subscript(name: String) -> Namespace? {
        state.withLock { $0.namespaces[name] }
    }

    /// The namespace with this name, created at the first call. If a pattern of dynamic namespaces matches the name,
    /// the new namespace is one of them.
    func of(_ name: String) -> Namespace {
        if let namespace = self[name] { return namespace }
        // Match outside the lock, because a pattern may run code of the application.
        let parents = name == "/" ? [] : state.withLock { $0.parents }
        return add(name, of: parents.first { $0.pattern?(name) == true }, isExplicit: true)
    }

    /// Adds a namespace, unless there is one with this name, and calls the handlers of new namespaces.
    /// - Parameters:
    ///   - name: The name.
    ///   - parent: The parent of a dynamic namespace; nil for another one.
    ///   - isExplicit: True if the application asks for the namespace, false if a client does.
    func add(_ name: String, of parent: ParentNamespace?, isExplicit: Bool) -> Namespace {
        let (namespace, isNew, handlers) = state.withLock { state in
            if let namespace = state.namespaces[name] {
                return (namespace, false, [(@Sendable (Namespace) -> Void)]())
            }
            let namespace = Namespace(name: name, in: self, parent: parent)
            state.namespaces[name] = namespace
            if parent != nil { state.children[name] = ChildUse(isExplicit: isExplicit) }
            return (namespace, true, name == "/" ? [] : state.creationHandlers)
        }
        if isNew, isExplicit { worker?.run { $0.submit(.open(namespace: name)) } }
        for handler in handlers { handler(namespace) }
        return namespace
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

    /// The names of the namespaces other than the main one that the application has created, sorted.
    var explicitNames: [String] {
        state.withLock { state in
            state.namespaces.keys.filter { $0 != "/" && state.children[$0]?.isExplicit ?? true }.sorted()
        }
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
