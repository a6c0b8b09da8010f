/// The parent of dynamic namespaces: its children are created when clients connect to names that it allows.
///
/// A child takes over the parent's middleware and handlers when it is created. What is added to the parent later
/// applies to later children only, as in Node. A handler added with `once` runs once in each child.
///
/// Create parents before the server starts, in every worker in the same order, because the workers identify a parent by
/// its number.
public final class ParentNamespace: ConnectionHandling {
    /// Decides about the names that clients ask for.
    let decision: NamespaceDecision
    /// Matches the names of the children; nil if a function decides.
    let pattern: (@Sendable (String) -> Bool)?
    /// The name by which the hub knows all children.
    let group: String
    /// Weak, because the table retains its parents.
    private weak let table: NamespaceTable?
    /// The handlers that new children take over.
    public let handlerRegistry = HandlerRegistry(reservesConnection: true)

    init(
        _ decision: NamespaceDecision, pattern: (@Sendable (String) -> Bool)?, group: String, in table: NamespaceTable
    ) {
        self.decision = decision
        self.pattern = pattern
        self.group = group
        self.table = table
    }

    /// The name of a group. It has no slash at the start, so it differs from the names of namespaces.
    static func group(number: Int) -> String { "dynamic-\(number)" }

    /// All sockets of all children, on every worker.
    public var everyone: ChildrenAudience {
        ChildrenAudience(
            Audience(
                worker: table?.worker, namespace: group, rooms: [], exceptions: [], sender: nil, isVolatile: false))
    }

    /// The members of some rooms of each child.
    public func to(_ rooms: String...) -> ChildrenAudience {
        everyone.to(rooms)
    }

    /// All sockets of the children, except the members of some rooms.
    public func except(_ rooms: String...) -> ChildrenAudience {
        everyone.except(rooms)
    }

    /// Sends an event to all sockets of all children, on every worker.
    public func emit(_ event: String, _ arguments: Arguments = []) {
        everyone.emit(event, arguments)
    }

    /// Sends an event with Swift values as arguments to all sockets of all children.
    /// - Throws: `EncodingError` if a value cannot be sent.
    public func emit<First: Encodable, each Rest: Encodable>(
        _ event: String, _ first: First, _ rest: repeat each Rest
    ) throws {
        try everyone.emit(event, first, repeat each rest)
    }

    /// The child with this name, created at the first call without asking the decision. It does not count as made by a
    /// client: ``ServerOptions/maxChildNamespaces`` does not prevent it. If a namespace with this name exists already,
    /// it is returned as it is.
    /// - Parameter name: The name. The leading slash is optional.
    public func child(_ name: String) -> Namespace {
        let name = name.hasPrefix("/") ? name : "/" + name
        return table?.add(name, of: self, isExplicit: true) ?? Namespace(name: name, in: nil, parent: self)
    }
}
