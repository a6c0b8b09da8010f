import Transport

/// Operations on the sockets of the namespace, on every worker unless stated otherwise.
extension Namespace {
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

    /// The connected sockets of this worker, by id.
    public var sockets: [SessionID: Socket] {
        get async { await everyone.worker?.members(of: name) ?? [:] }
    }

    /// The connected socket of this worker with this id; nil if there is none.
    public func socket(_ id: SessionID) async -> Socket? {
        await everyone.worker?.member(id, of: name)
    }
}

extension Worker {
    func members(of namespace: String, in rooms: [String] = []) -> [SessionID: Socket] {
        let selection = SocketSelection(namespace: namespace, rooms: rooms, exceptions: [])
        let members = sockets.recipients(of: selection).sockets
        return Dictionary(members.map { ($0.id, $0) }) { first, _ in first }
    }

    func member(_ id: SessionID, of namespace: String) -> Socket? {
        guard let socket = sockets[id], socket.namespace.name == namespace, socket.assumeIsolated({ $0.isConnected })
        else { return nil }
        return socket
    }
}
