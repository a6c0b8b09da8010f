import Transport

/// Who is in a namespace and in its rooms, on one worker: as of the hub's echoes, which is what events are delivered
/// by.
final class NamespaceMembers {
    let everyone: Room
    private let loop: EventLoop
    private var rooms: [String: Room] = [:]
    private var roomsOfSocket: [SessionID: [String]] = [:]

    init(loop: EventLoop) {
        self.loop = loop
        everyone = Room(loop: loop)
    }

    func join(_ socket: Socket, _ name: String) {
        guard roomsOfSocket[socket.id]?.contains(name) != true else { return }
        let room = rooms[name] ?? Room(loop: loop)
        rooms[name] = room
        room.assumeIsolated { $0.add(socket) }
        roomsOfSocket[socket.id, default: []].append(name)
    }

    func leave(_ socket: Socket, _ name: String) {
        guard let index = roomsOfSocket[socket.id]?.firstIndex(of: name) else { return }
        roomsOfSocket[socket.id]?.remove(at: index)
        if roomsOfSocket[socket.id]?.isEmpty == true { roomsOfSocket[socket.id] = nil }
        takeOut(socket, of: name)
    }

    func remove(_ socket: Socket) {
        everyone.assumeIsolated { $0.remove(socket.id) }
        for name in roomsOfSocket.removeValue(forKey: socket.id) ?? [] { takeOut(socket, of: name) }
    }

    private func takeOut(_ socket: Socket, of name: String) {
        let isEmpty = rooms[name]?.assumeIsolated { room in
            room.remove(socket.id)
            return room.isEmpty
        }
        if isEmpty == true { rooms[name] = nil }
    }

    // MARK: Delivery

    /// Queues events for everyone they are for.
    /// - Parameters:
    ///   - frames: the events as they are for sockets that are up to date.
    ///   - sockets: the worker's sockets by id, for the rooms that sockets have of their own.
    ///   - apart: the sockets that get the events with offsets of their own.
    func deliver(
        _ run: EventRun, _ frames: Frames, epoch: String?, sockets: [SessionID: Socket], apart: [SessionID: Socket]
    ) {
        let audience = run.audience
        if apart.isEmpty, let room = onlyRoom(of: audience) {
            _ = room.assumeIsolated { $0.deliver(frames, isVolatile: audience.isVolatile) }
            return
        }
        for socket in recipients(of: audience, sockets: sockets) {
            let own = apart[socket.id].map { $0.assumeIsolated { run.frames(epoch: epoch, row: $0.row) } }
            _ = socket.connection.assumeIsolated { $0.send(own ?? frames, isVolatile: audience.isVolatile) }
        }
    }

    /// The room, if it alone decides who gets an event.
    private func onlyRoom(of audience: Broadcast) -> Room? {
        guard audience.exceptions.isEmpty else { return nil }
        switch audience.rooms.count {
        case 0: return everyone
        case 1: return SessionID(audience.rooms[0]) == nil ? rooms[audience.rooms[0]] : nil
        default: return nil
        }
    }

    /// Each socket once, in the order of the rooms.
    private func recipients(of audience: Broadcast, sockets: [SessionID: Socket]) -> [Socket] {
        if audience.exceptions.isEmpty, audience.rooms.count == 1, rooms[audience.rooms[0]] == nil {
            return owner(of: audience.rooms[0], in: audience.namespace, sockets: sockets).map { [$0] } ?? []
        }
        var seen: Set<SessionID> = []
        for name in audience.exceptions {
            if let id = SessionID(name) { seen.insert(id) }
            for socket in members(of: name) { seen.insert(socket.id) }
        }
        var found: [Socket] = []
        if audience.rooms.isEmpty {
            for socket in everyone.assumeIsolated({ $0.sockets }) where seen.insert(socket.id).inserted {
                found.append(socket)
            }
        }
        for name in audience.rooms {
            for socket in members(of: name) where seen.insert(socket.id).inserted { found.append(socket) }
            if let own = owner(of: name, in: audience.namespace, sockets: sockets), seen.insert(own.id).inserted {
                found.append(own)
            }
        }
        return found
    }

    private func members(of room: String) -> [Socket] {
        rooms[room]?.assumeIsolated { $0.sockets } ?? []
    }

    /// The socket whose own room this is.
    private func owner(of room: String, in namespace: String, sockets: [SessionID: Socket]) -> Socket? {
        guard let socket = SessionID(room).flatMap({ sockets[$0] }), socket.namespace.name == namespace,
            everyone.assumeIsolated({ $0.contains(socket.id) })
        else { return nil }
        return socket
    }
}
