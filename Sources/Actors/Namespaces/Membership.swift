import Transport

/// Who is in a namespace and in its rooms, on one worker: as of the hub's echoes, which is what events are delivered
/// by.
struct Membership {
    /// Who gets an event.
    enum Recipients {
        /// All members of one room.
        case room(Room)
        /// These, each once, in the order of the rooms.
        case members([Socket])
    }

    private let loop: EventLoop
    private let everyone: Room
    private var rooms: [String: Room] = [:]
    private var roomsOfMember: [SessionID: [String]] = [:]

    init(loop: EventLoop) {
        self.loop = loop
        everyone = Room(loop: loop)
    }

    mutating func add(_ member: Socket) {
        everyone.add(member)
    }

    mutating func join(_ member: Socket, _ name: String) {
        guard roomsOfMember[member.id]?.contains(name) != true else { return }
        let room = rooms[name] ?? Room(loop: loop)
        rooms[name] = room
        room.add(member)
        roomsOfMember[member.id, default: []].append(name)
    }

    mutating func leave(_ member: Socket, _ name: String) {
        guard let index = roomsOfMember[member.id]?.firstIndex(of: name) else { return }
        roomsOfMember[member.id]?.remove(at: index)
        if roomsOfMember[member.id]?.isEmpty == true { roomsOfMember[member.id] = nil }
        takeOut(member, of: name)
    }

    mutating func remove(_ member: Socket) {
        everyone.remove(member.id)
        for name in roomsOfMember.removeValue(forKey: member.id) ?? [] { takeOut(member, of: name) }
    }

    private mutating func takeOut(_ member: Socket, of name: String) {
        guard let room = rooms[name] else { return }
        room.remove(member.id)
        if room.isEmpty { rooms[name] = nil }
    }

    // MARK: Delivery

    /// Who gets an event, by the members there are now.
    /// - Parameter members: the worker's members by id, for the rooms that they have of their own.
    func recipients(of audience: Broadcast, among members: [SessionID: Socket]) -> Recipients {
        if let room = onlyRoom(of: audience) { return .room(room) }
        if audience.exceptions.isEmpty, audience.rooms.count == 1, rooms[audience.rooms[0]] == nil {
            return .members(owner(of: audience.rooms[0], among: members).map { [$0] } ?? [])
        }
        return .members(each(of: audience, among: members))
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

    private func each(of audience: Broadcast, among members: [SessionID: Socket]) -> [Socket] {
        var seen: Set<SessionID> = []
        for name in audience.exceptions {
            if let id = SessionID(name) { seen.insert(id) }
            for member in rooms[name]?.members ?? [] { seen.insert(member.id) }
        }
        var found: [Socket] = []
        if audience.rooms.isEmpty {
            for member in everyone.members where seen.insert(member.id).inserted { found.append(member) }
        }
        for name in audience.rooms {
            for member in rooms[name]?.members ?? [] where seen.insert(member.id).inserted { found.append(member) }
            if let own = owner(of: name, among: members), seen.insert(own.id).inserted { found.append(own) }
        }
        return found
    }

    /// The member whose own room this is.
    private func owner(of room: String, among members: [SessionID: Socket]) -> Socket? {
        guard let member = SessionID(room).flatMap({ members[$0] }), everyone.contains(member.id) else { return nil }
        return member
    }
}
