import Transport

/// The members of a namespace and its rooms on one worker, as echoed by the hub. Events are delivered to these members.
struct Membership {
    /// The recipients of an event.
    enum Recipients {
        /// All members of one room.
        case room(Room)
        /// These sockets, without duplicates, in the order of the rooms.
        case members([Socket])

        var sockets: [Socket] {
            switch self {
            case .room(let room): room.members
            case .members(let members): members
            }
        }
    }

    private let loop: EventLoop
    private let everyone: Room
    private var rooms: [String: Room] = [:]
    private var roomsOfMember: [SessionID: [String]] = [:]
    /// The changes for the handlers of room changes, oldest first.
    private(set) var changes: [RoomChange] = []

    init(loop: EventLoop) {
        self.loop = loop
        everyone = Room(loop: loop)
    }

    /// True if the namespace has no members.
    var isEmpty: Bool { everyone.isEmpty }

    mutating func add(_ member: Socket) {
        note(.joined(member.id.description, member.id), of: member)
        everyone.add(member)
    }

    mutating func join(_ member: Socket, _ name: String) {
        guard roomsOfMember[member.id]?.contains(name) != true else { return }
        note(.joined(name, member.id), of: member)
        let room = rooms[name] ?? Room(loop: loop)
        rooms[name] = room
        room.add(member)
        roomsOfMember[member.id, default: []].append(name)
    }

    mutating func leave(_ member: Socket, _ name: String) {
        guard let index = roomsOfMember[member.id]?.firstIndex(of: name) else { return }
        roomsOfMember[member.id]?.remove(at: index)
        if roomsOfMember[member.id]?.isEmpty == true { roomsOfMember[member.id] = nil }
        remove(member, from: name)
    }

    mutating func remove(_ member: Socket) {
        guard everyone.contains(member.id) else { return }
        everyone.remove(member.id)
        note(.left(member.id.description, member.id), of: member)
        for name in roomsOfMember.removeValue(forKey: member.id) ?? [] { remove(member, from: name) }
    }

    private mutating func remove(_ member: Socket, from name: String) {
        guard let room = rooms[name] else { return }
        room.remove(member.id)
        if room.isEmpty { rooms[name] = nil }
        note(.left(name, member.id), of: member)
    }

    // MARK: Rooms

    /// Records a change for the handlers of room changes. Call it before the socket joins and after it has left.
    private mutating func note(_ change: RoomChange, of member: Socket) {
        guard !member.namespace.roomHandlers.isEmpty else { return }
        switch change {
        case .joined(let room, _):
            if !exists(room) { changes.append(.created(room)) }
            changes.append(change)
        case .left(let room, _):
            changes.append(change)
            if !exists(room) { changes.append(.deleted(room)) }
        case .created, .deleted: break
        }
    }

    private func exists(_ room: String) -> Bool {
        rooms[room] != nil || SessionID(room).map(everyone.contains) == true
    }

    mutating func takeChanges() -> [RoomChange] {
        defer { changes = [] }
        return changes
    }

    /// The ids of the members of each room, including the rooms named after the members.
    var membersOfRooms: [String: Set<SessionID>] {
        var members = rooms.mapValues { Set($0.members.map(\.id)) }
        for member in everyone.members { members[member.id.description, default: []].insert(member.id) }
        return members
    }

    /// The rooms of a member, including the one named after it.
    func rooms(of id: SessionID) -> Set<String> {
        Set(roomsOfMember[id] ?? []).union([id.description])
    }

    // MARK: Delivery

    /// The current recipients of an event.
    /// - Parameters:
    ///   - broadcast: The event, or another value for the same sockets.
    ///   - members: The worker's sockets by id, to resolve rooms that are named after a socket.
    func recipients(of broadcast: some Addressed, among members: [SessionID: Socket]) -> Recipients {
        if let room = singleRoom(of: broadcast) { return .room(room) }
        if broadcast.exceptions.isEmpty, broadcast.rooms.count == 1, rooms[broadcast.rooms[0]] == nil {
            return .members(owner(of: broadcast.rooms[0], among: members).map { [$0] } ?? [])
        }
        return .members(distinctMembers(of: broadcast, among: members))
    }

    /// The room whose members are exactly the recipients, or nil if there is no such room.
    private func singleRoom(of broadcast: some Addressed) -> Room? {
        guard broadcast.exceptions.isEmpty else { return nil }
        switch broadcast.rooms.count {
        case 0: return everyone
        case 1: return SessionID(broadcast.rooms[0]) == nil ? rooms[broadcast.rooms[0]] : nil
        default: return nil
        }
    }

    private func distinctMembers(of broadcast: some Addressed, among members: [SessionID: Socket]) -> [Socket] {
        var seen: Set<SessionID> = []
        for name in broadcast.exceptions {
            if let id = SessionID(name) { seen.insert(id) }
            for member in rooms[name]?.members ?? [] { seen.insert(member.id) }
        }
        var recipients: [Socket] = []
        if broadcast.rooms.isEmpty {
            for member in everyone.members where seen.insert(member.id).inserted { recipients.append(member) }
        }
        for name in broadcast.rooms {
            for member in rooms[name]?.members ?? [] where seen.insert(member.id).inserted { recipients.append(member) }
            if let own = owner(of: name, among: members), seen.insert(own.id).inserted { recipients.append(own) }
        }
        return recipients
    }

    /// The member that the room is named after.
    private func owner(of room: String, among members: [SessionID: Socket]) -> Socket? {
        guard let member = SessionID(room).flatMap({ members[$0] }), everyone.contains(member.id) else { return nil }
        return member
    }
}
