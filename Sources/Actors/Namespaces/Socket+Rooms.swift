import Transport

extension Socket {
    /// Adds the socket to a room. ``rooms`` contains the room immediately; the socket receives the room's events from
    /// the position at which the hub orders the join. Middleware may call this method, ``leave(_:)-(String)`` and
    /// ``setData(_:)``. The hub learns of the calls when the client is connected; if the client is rejected, they are
    /// dropped.
    ///
    /// A socket in ``ServerOptions/maxRooms`` rooms joins no other one: ``rooms`` does not contain it, and the server
    /// reports it (``ServerReport/tooManyRooms(limit:_:address:)``).
    public func join(_ room: String) {
        let limit = worker.options.maxRooms
        guard phase == .gone || roomNames.all.count < limit || roomNames.all.contains(room) else {
            worker.assumeIsolated { $0.counters.roomRefusals += 1 }
            return worker.report(.tooManyRooms(limit: limit, id, address: peer))
        }
        joinWithoutLimit(room)
    }

    /// Adds the socket to a room of the server's own, which does not depend on what the client has joined.
    package func joinWithoutLimit(_ room: String) {
        guard phase != .gone, roomNames.join(room) else { return }
        performOnceConnected(.request(.join(key, room: room)))
    }

    /// Adds the socket to several rooms, one after the other, as ``join(_:)-(String)`` does.
    public func join(_ rooms: String...) {
        join(rooms)
    }

    /// Adds the socket to several rooms, one after the other, as ``join(_:)-(String)`` does.
    public func join(_ rooms: [String]) {
        for room in rooms { join(room) }
    }

    /// Removes the socket from a room.
    public func leave(_ room: String) {
        guard phase != .gone, roomNames.leave(room) else { return }
        performOnceConnected(.request(.leave(key, room: room)))
    }

    /// Removes the socket from several rooms, one after the other.
    public func leave(_ rooms: String...) {
        leave(rooms)
    }

    /// Removes the socket from several rooms, one after the other.
    public func leave(_ rooms: [String]) {
        for room in rooms { leave(room) }
    }

    /// Another socket.
    public nonisolated func to(_ id: SessionID) -> Audience {
        broadcast.to(id)
    }

    /// The members of some rooms, except this socket.
    /// - Parameter rooms: The rooms. An empty list addresses no socket.
    public nonisolated func to(_ rooms: [String]) -> Audience {
        broadcast.to(rooms)
    }

    /// All sockets in the namespace except this one and the members of some rooms.
    public nonisolated func except(_ rooms: String...) -> Audience {
        broadcast.except(rooms)
    }

    /// All sockets in the namespace except this one and the members of some rooms.
    public nonisolated func except(_ rooms: [String]) -> Audience {
        broadcast.except(rooms)
    }

    /// Handles the hub's echo of this socket's oldest call for a room.
    func roomRequestReturned(_ room: String) {
        roomNames.callReturned(for: room)
        requestReturned()
    }
}
