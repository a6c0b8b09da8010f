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

    /// Queues frames for everyone an event is for.
    /// - Parameter sockets: the worker's sockets by id, for the rooms that sockets have of their own.
    func deliver(_ frames: Frames, to audience: Broadcast, sockets: [SessionID: Socket]) {
        if let room = wholeAudience(of: audience) {
            _ = room.assumeIsolated { $0.deliver(frames, isVolatile: audience.isVolatile) }
            return
        }
        for socket in recipients(of: audience, sockets: sockets) {
            _ = socket.connection.assumeIsolated { $0.send(frames, isVolatile: audience.isVolatile) }
        }
    }

    /// The room whose members are exactly the receivers. A room named like a socket is not: that socket is in it too.
    private func wholeAudience(of audience: Broadcast) -> Room? {
        guard audience.exceptions.isEmpty, audience.rooms.count <= 1 else { return nil }
        guard let name = audience.rooms.first else { return everyone }
        return SessionID(name) == nil ? rooms[name] : nil
    }

    /// Each socket once, in the order of the rooms.
    private func recipients(of audience: Broadcast, sockets: [SessionID: Socket]) -> [Socket] {
        var seen: Set<SessionID> = []
        for name in audience.exceptions {
            if let id = SessionID(name) { seen.insert(id) }
            for socket in rooms[name]?.assumeIsolated({ $0.sockets }) ?? [] { seen.insert(socket.id) }
        }
        var found: [Socket] = []
        if audience.rooms.isEmpty {
            for socket in everyone.assumeIsolated({ $0.sockets }) where seen.insert(socket.id).inserted {
                found.append(socket)
            }
        }
        for name in audience.rooms {
            for socket in rooms[name]?.assumeIsolated({ $0.sockets }) ?? [] where seen.insert(socket.id).inserted {
                found.append(socket)
            }
            guard let own = SessionID(name).flatMap({ sockets[$0] }), own.namespace.name == audience.namespace,
                everyone.assumeIsolated({ $0.contains(own.id) }), seen.insert(own.id).inserted
            else { continue }
            found.append(own)
        }
        return found
    }
}
