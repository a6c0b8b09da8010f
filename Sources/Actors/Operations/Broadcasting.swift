import Transport

/// A sender of events to many sockets: a namespace for its own sockets, or a server for those of its main namespace.
///
/// Each method is short for the same method of ``everyone``, and acts on the sockets of all workers.
public protocol Broadcasting: Sendable {
    /// All sockets, on every worker. Before the server has started there are none.
    var everyone: Audience { get }
}

/// Audiences.
extension Broadcasting {
    /// The members of some rooms.
    public func to(_ rooms: String...) -> Audience {
        everyone.to(rooms)
    }

    /// One socket.
    public func to(_ id: SessionID) -> Audience {
        everyone.to(id)
    }

    /// The members of some rooms.
    /// - Parameter rooms: The rooms. An empty list addresses no socket.
    public func to(_ rooms: [String]) -> Audience {
        everyone.to(rooms)
    }

    /// All sockets except the members of some rooms.
    public func except(_ rooms: String...) -> Audience {
        everyone.except(rooms)
    }

    /// All sockets except the members of some rooms.
    public func except(_ rooms: [String]) -> Audience {
        everyone.except(rooms)
    }

    /// The sockets of this worker only; see ``Audience/local``.
    public var local: Audience { everyone.local }

    /// All sockets, for a volatile event; see ``Audience/volatile``.
    public var volatile: Audience { everyone.volatile }
}

/// Events.
extension Broadcasting {
    /// Sends an event to all sockets.
    public func emit(_ event: String, _ arguments: Arguments = []) {
        everyone.emit(event, arguments)
    }

    /// Sends an event with Swift values as arguments to all sockets.
    /// - Throws: `EncodingError` if a value cannot be sent.
    public func emit<First: Encodable, each Rest: Encodable>(
        _ event: String, _ first: First, _ rest: repeat each Rest
    ) throws {
        try everyone.emit(event, first, repeat each rest)
    }

    /// Sends an event with the name `message` to all sockets.
    public func send(_ arguments: Arguments) {
        emit("message", arguments)
    }

    /// Sends an event with the name `message` and Swift values as arguments to all sockets.
    /// - Throws: `EncodingError` if a value cannot be sent.
    public func send<First: Encodable, each Rest: Encodable>(_ first: First, _ rest: repeat each Rest) throws {
        try emit("message", first, repeat each rest)
    }
}

/// Events that ask for answers.
extension Broadcasting {
    /// Sends an event to all sockets, and waits for the clients' acknowledgements; see
    /// ``Audience/emitWithAcknowledgements(_:_:timeout:)``.
    @discardableResult
    public func emitWithAcknowledgements(
        _ event: String, _ arguments: Arguments = [], timeout: Duration = .seconds(10)
    ) async throws -> [Arguments] {
        try await everyone.emitWithAcknowledgements(event, arguments, timeout: timeout)
    }

    /// Sends an event with Swift values as arguments to all sockets, and waits for the clients' acknowledgements; see
    /// ``Audience/emitWithAcknowledgements(_:_:timeout:)``.
    /// - Throws: The errors of that method; `EncodingError` if a value cannot be sent.
    @discardableResult
    public func emitWithAcknowledgements<First: Encodable, each Rest: Encodable>(
        _ event: String, _ first: First, _ rest: repeat each Rest, timeout: Duration = .seconds(10)
    ) async throws -> [Arguments] {
        try await everyone.emitWithAcknowledgements(event, first, repeat each rest, timeout: timeout)
    }

    /// Sends an event to all sockets, and waits for the clients' answers; see ``Audience/call(_:_:timeout:)``.
    public func call<each Value: Encodable, Answer: Decodable>(
        _ event: String, _ values: repeat each Value, timeout: Duration = .seconds(10)
    ) async throws -> [Answer] {
        try await everyone.call(event, repeat each values, timeout: timeout)
    }
}

/// Operations on sockets.
extension Broadcasting {
    /// The connected sockets of all workers; see ``Audience/fetchSockets(timeout:)``.
    public func fetchSockets(timeout: Duration = .seconds(5)) async throws -> [RemoteSocket] {
        try await everyone.fetchSockets(timeout: timeout)
    }

    /// The ids of the connected sockets of all workers; see ``Audience/allSockets(timeout:)``.
    public func allSockets(timeout: Duration = .seconds(5)) async throws -> Set<SessionID> {
        try await everyone.allSockets(timeout: timeout)
    }

    /// Makes all sockets join rooms; see ``Audience/socketsJoin(_:)-(String...)``.
    public func socketsJoin(_ rooms: String...) {
        everyone.socketsJoin(rooms)
    }

    /// Makes all sockets join rooms; see ``Audience/socketsJoin(_:)-([String])``.
    public func socketsJoin(_ rooms: [String]) {
        everyone.socketsJoin(rooms)
    }

    /// Makes all sockets leave rooms; see ``Audience/socketsLeave(_:)-(String...)``.
    public func socketsLeave(_ rooms: String...) {
        everyone.socketsLeave(rooms)
    }

    /// Makes all sockets leave rooms; see ``Audience/socketsLeave(_:)-([String])``.
    public func socketsLeave(_ rooms: [String]) {
        everyone.socketsLeave(rooms)
    }

    /// Disconnects all clients; see ``Audience/disconnectSockets(close:)``.
    /// - Parameter close: True to close the clients' connections too.
    public func disconnectSockets(close: Bool = false) {
        everyone.disconnectSockets(close: close)
    }
}
