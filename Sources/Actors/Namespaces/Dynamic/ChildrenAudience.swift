/// The recipients of an event in all children of a ``ParentNamespace``, on every worker: everyone, or the members of
/// some rooms, except the members of excluded rooms.
///
/// The hub knows the children that have connected clients or lost ones whose sessions are kept, and sends the event to
/// each of them.
public struct ChildrenAudience: Sendable {
    private let audience: Audience

    init(_ audience: Audience) {
        self.audience = audience
    }

    /// Adds rooms whose members receive the event.
    public func to(_ rooms: String...) -> ChildrenAudience {
        to(rooms)
    }

    /// Adds rooms whose members receive the event.
    /// - Parameter rooms: The rooms. An audience with an empty list of rooms addresses no socket.
    public func to(_ rooms: [String]) -> ChildrenAudience {
        ChildrenAudience(audience.to(rooms))
    }

    /// Adds rooms whose members do not receive the event.
    public func except(_ rooms: String...) -> ChildrenAudience {
        except(rooms)
    }

    /// Adds rooms whose members do not receive the event.
    public func except(_ rooms: [String]) -> ChildrenAudience {
        ChildrenAudience(audience.except(rooms))
    }

    /// The same audience for a volatile event: clients that are not ready to receive the event miss it.
    public var volatile: ChildrenAudience { ChildrenAudience(audience.volatile) }

    /// Sends an event. Callable from any thread. An event with a reserved name is reported and not sent.
    public func emit(_ event: String, _ arguments: Arguments = []) {
        audience.emit(event, arguments)
    }

    /// Sends an event with Swift values as arguments.
    /// - Throws: `EncodingError` if a value cannot be sent.
    public func emit<First: Encodable, each Rest: Encodable>(
        _ event: String, _ first: First, _ rest: repeat each Rest
    ) throws {
        try audience.emit(event, first, repeat each rest)
    }
}
