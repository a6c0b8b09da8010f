import Transport

/// A set of members that something can be delivered to.
package protocol MemberGroup {
    associatedtype Member: RoomMember

    var isEmpty: Bool { get }
    var members: [Member] { get }
    func contains(_ id: SessionID) -> Bool
    func add(_ member: Member)
    func remove(_ id: SessionID)
}

/// Who is in a namespace and in its rooms, on one worker: as of the hub's echoes, which is what events are delivered
/// by.
package struct Membership<Group: MemberGroup> {
    /// Who gets an event.
    package enum Recipients {
        /// All members of one group.
        case group(Group)
        /// These, each once, in the order of the rooms.
        case members([Group.Member])
    }

    private let everyone: Group
    private let makeGroup: () -> Group
    private var rooms: [String: Group] = [:]
    private var roomsOfMember: [SessionID: [String]] = [:]

    package init(makeGroup: @escaping () -> Group) {
        self.makeGroup = makeGroup
        everyone = makeGroup()
    }

    package mutating func add(_ member: Group.Member) {
        everyone.add(member)
    }

    package mutating func join(_ member: Group.Member, _ name: String) {
        guard roomsOfMember[member.id]?.contains(name) != true else { return }
        let room = rooms[name] ?? makeGroup()
        rooms[name] = room
        room.add(member)
        roomsOfMember[member.id, default: []].append(name)
    }

    package mutating func leave(_ member: Group.Member, _ name: String) {
        guard let index = roomsOfMember[member.id]?.firstIndex(of: name) else { return }
        roomsOfMember[member.id]?.remove(at: index)
        if roomsOfMember[member.id]?.isEmpty == true { roomsOfMember[member.id] = nil }
        takeOut(member, of: name)
    }

    package mutating func remove(_ member: Group.Member) {
        everyone.remove(member.id)
        for name in roomsOfMember.removeValue(forKey: member.id) ?? [] { takeOut(member, of: name) }
    }

    private mutating func takeOut(_ member: Group.Member, of name: String) {
        guard let room = rooms[name] else { return }
        room.remove(member.id)
        if room.isEmpty { rooms[name] = nil }
    }

    // MARK: Delivery

    /// Who gets an event, by the members there are now.
    /// - Parameter members: the worker's members by id, for the rooms that they have of their own.
    package func recipients(of audience: Broadcast, among members: [SessionID: Group.Member]) -> Recipients {
        if let group = onlyGroup(of: audience) { return .group(group) }
        if audience.exceptions.isEmpty, audience.rooms.count == 1, rooms[audience.rooms[0]] == nil {
            return .members(owner(of: audience.rooms[0], among: members).map { [$0] } ?? [])
        }
        return .members(each(of: audience, among: members))
    }

    /// The group, if it alone decides who gets an event.
    private func onlyGroup(of audience: Broadcast) -> Group? {
        guard audience.exceptions.isEmpty else { return nil }
        switch audience.rooms.count {
        case 0: return everyone
        case 1: return SessionID(audience.rooms[0]) == nil ? rooms[audience.rooms[0]] : nil
        default: return nil
        }
    }

    private func each(of audience: Broadcast, among members: [SessionID: Group.Member]) -> [Group.Member] {
        var seen: Set<SessionID> = []
        for name in audience.exceptions {
            if let id = SessionID(name) { seen.insert(id) }
            for member in rooms[name]?.members ?? [] { seen.insert(member.id) }
        }
        var found: [Group.Member] = []
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
    private func owner(of room: String, among members: [SessionID: Group.Member]) -> Group.Member? {
        guard let member = SessionID(room).flatMap({ members[$0] }), everyone.contains(member.id) else { return nil }
        return member
    }
}
