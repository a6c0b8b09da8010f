import Transport

/// The rooms of this worker's sockets, as far as the hub has confirmed their memberships.
extension Namespace {
    /// Adds a handler of the changes of the namespace's rooms on this worker, also of those that other workers or
    /// lost and resumed sessions cause. It is called on the loop, before the connection handler of a new socket and
    /// before the disconnect handlers of one that leaves. Without such handlers, the changes cost nothing more.
    /// - Returns: The token with which ``offRoomChange(_:)`` removes the handler.
    @discardableResult
    public func onRoomChange(_ handler: @escaping @Sendable (RoomChange) -> Void) -> HandlerToken {
        roomHandlers.add(handler)
    }

    /// Removes a handler that ``onRoomChange(_:)`` has added.
    public func offRoomChange(_ token: HandlerToken) {
        roomHandlers.remove(token)
    }

    /// The ids of the members of each room on this worker, including the rooms named after the sockets.
    public var rooms: [String: Set<SessionID>] {
        get async { await everyone.worker?.rooms(of: name) ?? [:] }
    }

    /// The rooms of a socket of this worker, including the one named after it; nil if it is not connected here.
    public func rooms(of id: SessionID) async -> Set<String>? {
        await everyone.worker?.rooms(of: id, in: name)
    }

    /// The connected sockets of this worker in some rooms, by id.
    /// - Parameter rooms: The rooms. An empty list selects no socket.
    public func sockets(in rooms: String...) async -> [SessionID: Socket] {
        await sockets(in: rooms)
    }

    /// The connected sockets of this worker in some rooms, by id.
    /// - Parameter rooms: The rooms. An empty list selects no socket.
    public func sockets(in rooms: [String]) async -> [SessionID: Socket] {
        guard !rooms.isEmpty else { return [:] }
        return await everyone.worker?.members(of: name, in: rooms) ?? [:]
    }
}

extension Worker {
    fileprivate func rooms(of namespace: String) -> [String: Set<SessionID>] {
        sockets.rooms(of: namespace)
    }

    fileprivate func rooms(of id: SessionID, in namespace: String) -> Set<String>? {
        guard member(id, of: namespace) != nil else { return nil }
        return sockets.rooms(of: id, in: namespace)
    }

    // MARK: Changes

    /// Applies the hub's echo of a registration.
    func registered(_ id: SessionID) -> Socket? {
        defer { callRoomHandlers() }
        return sockets.registered(id)
    }

    /// Adds a socket to a room.
    @discardableResult
    func joined(_ id: SessionID, _ room: String) -> Socket? {
        defer { callRoomHandlers() }
        return sockets.joined(id, room)
    }

    /// Removes a socket from a room.
    @discardableResult
    func left(_ id: SessionID, _ room: String) -> Socket? {
        defer { callRoomHandlers() }
        return sockets.left(id, room)
    }

    /// Calls the handlers of the changes that the table has recorded. They may change the table.
    func callRoomHandlers() {
        guard !sockets.roomChanges.isEmpty else { return }
        for (namespace, change) in sockets.takeRoomChanges() { namespace.roomHandlers.call(change) }
    }
}
