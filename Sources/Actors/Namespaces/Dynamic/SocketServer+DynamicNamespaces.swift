import Synchronization

/// Dynamic namespaces. A client that connects to a name without a namespace is offered to the parents in the order of
/// their creation. The first parent that allows the name creates the namespace as its child. Each worker creates its
/// own children; they share sockets and rooms as every namespace does.
///
/// Clients choose the names, which have at most 256 bytes. ``ServerOptions/maxChildNamespaces`` limits their number.
extension SocketServer {
    /// Creates the parent of all namespaces whose whole name matches a pattern:
    /// `server.of(matching: /\/orders-\d+/)`. (Node also accepts a match of a part of the name.)
    ///
    /// ``of(_:)-(String)`` creates a child too if the name matches, so that the parent's middleware protects it. A
    /// namespace that exists already is not affected.
    /// - Parameter pattern: The pattern, including the leading slash. Its matching must not take exponential time,
    ///   because clients choose the names.
    public func of<Output>(matching pattern: sending Regex<Output>) -> ParentNamespace {
        // A regular expression is not Sendable: it may contain closures and is compiled at its first use.
        let pattern = Pattern(pattern)
        let matches: @Sendable (String) -> Bool = { pattern.matches($0) }
        return namespaces.addParent(.immediate { name, _ in matches(name) }, pattern: matches)
    }

    /// Creates the parent of all namespaces that a function allows: `server.of { name, auth in … }`.
    ///
    /// The function decides about the name. It is not called for a namespace that exists already, so check who the
    /// client is in the middleware of the parent. ``of(_:)-(String)`` does not create children of this parent; use
    /// ``ParentNamespace/child(_:)``.
    /// - Parameter allows: Called on the loop with the name, including its leading slash, and the client's `auth`. If
    ///   it returns false, the next parent is asked. If it throws, the client receives `connect_error` as from
    ///   `use`.
    public func of(_ allows: @escaping @Sendable (String, JSONText?) throws -> Bool) -> ParentNamespace {
        namespaces.addParent(.immediate(allows))
    }

    /// Creates the parent of all namespaces that an asynchronous function allows. The client's packets for the
    /// namespace wait until the function has returned. If the client has joined no other namespace,
    /// ``ServerOptions/connectTimeout`` limits the wait.
    public func of(_ allows: @escaping @Sendable (String, JSONText?) async throws -> Bool) -> ParentNamespace {
        namespaces.addParent(.asynchronous(allows))
    }

    /// Adds a handler that runs for each namespace created later, except the main one: a dynamic namespace of this
    /// worker before its first client is checked by middleware, and a namespace that ``of(_:)-(String)`` creates. It
    /// may add handlers and middleware. It is called on the loop for a dynamic namespace that a client asked for, and
    /// otherwise on the thread that creates the namespace.
    public func onNewNamespace(_ handler: @escaping @Sendable (Namespace) -> Void) {
        namespaces.onCreation(handler)
    }
}

/// A regular expression that one thread at a time uses.
private final class Pattern<Output>: Sendable {
    private let regex: Mutex<Regex<Output>>

    init(_ regex: sending Regex<Output>) {
        self.regex = Mutex(regex)
    }

    func matches(_ name: String) -> Bool {
        // A closure in the expression may throw; then the name does not match.
        regex.withLock { (try? $0.wholeMatch(in: name)) != nil }
    }
}
