import Transport

/// What can be a member of a room.
package protocol RoomMember {
    var id: SessionID { get }
}

/// Members, each once: fast to go through, added and removed in constant time.
package struct MemberList<Member: RoomMember> {
    package private(set) var members: [Member] = []
    private var places: [SessionID: Int] = [:]

    package init() {}

    package var isEmpty: Bool { members.isEmpty }

    package func contains(_ id: SessionID) -> Bool { places[id] != nil }

    package mutating func add(_ member: Member) {
        guard places[member.id] == nil else { return }
        places[member.id] = members.count
        members.append(member)
    }

    package mutating func remove(_ id: SessionID) {
        guard let place = places.removeValue(forKey: id) else { return }
        let last = members.removeLast()
        guard place < members.count else { return }
        members[place] = last
        places[last.id] = place
    }
}
