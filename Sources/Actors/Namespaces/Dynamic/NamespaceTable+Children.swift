/// The parents of dynamic namespaces, and their children.
extension NamespaceTable {
    /// The maximum length of the name of a dynamic namespace that a client asks for, in bytes of UTF-8.
    static let maxChildName = 256

    func addParent(_ decision: NamespaceDecision, pattern: (@Sendable (String) -> Bool)? = nil) -> ParentNamespace {
        state.withLock { state in
            let parent = ParentNamespace(
                decision, pattern: pattern, group: ParentNamespace.group(number: state.parents.count), in: self)
            state.parents.append(parent)
            return parent
        }
    }

    /// The parents that may allow a namespace with this name, in the order in which they are asked.
    func parents(ofName name: String) -> [ParentNamespace] {
        guard name != "/", name.utf8.count <= Self.maxChildName else { return [] }
        return state.withLock { $0.parents }
    }

    /// The parent's child with this name, or the existing namespace of this name.
    /// - Parameter limit: The maximum number of children of all parents.
    /// - Returns: nil if the limit is reached.
    func child(_ name: String, of parent: ParentNamespace, limit: Int) -> Namespace? {
        if state.withLock({ $0.namespaces[name] == nil && $0.children.count >= limit }) { return nil }
        return add(name, of: parent, isExplicit: false)
    }

    func onCreation(_ handler: @escaping @Sendable (Namespace) -> Void) {
        state.withLock { $0.creationHandlers.append(handler) }
    }

    // MARK: Use

    /// Records that a connection uses the namespace.
    func beginUse(of namespace: Namespace) {
        change(namespace) { $0.begin() }
    }

    /// Records that a client was accepted.
    func joined(_ namespace: Namespace) {
        change(namespace) { $0.joined() }
    }

    /// Records that a connection no longer uses the namespace, and removes the namespace if nothing needs it. The
    /// namespace of the stored messages stays.
    func endUse(of namespace: Namespace, removesEmpty: Bool) {
        var isRemoved = false
        change(namespace) { isRemoved = $0.end(removesEmpty: removesEmpty) }
        guard isRemoved, messageNamespace !== namespace else { return }
        let removed = state.withLock { state in
            state.children[namespace.name] = nil
            return state.namespaces.removeValue(forKey: namespace.name)
        }
        // Release the handlers outside the lock, because their deinitializers may run any code.
        withExtendedLifetime(removed) {}
    }

    /// Changes the record of a dynamic namespace. Has no effect on another namespace or after the server has closed.
    private func change(_ namespace: Namespace, _ change: (inout ChildUse) -> Void) {
        guard namespace.group != nil else { return }
        state.withLock { state in
            guard state.namespaces[namespace.name] === namespace, var use = state.children[namespace.name] else {
                return
            }
            change(&use)
            state.children[namespace.name] = use
        }
    }
}
