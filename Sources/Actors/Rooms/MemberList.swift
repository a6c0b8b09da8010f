import Transport

/// The members of a room, each once: fast to go through, added and removed in constant time.
struct MemberList {
    private(set) var members: [Socket] = []
    private var places: [SessionID: Int] = [:]

    init() {}

    var isEmpty: Bool { members.isEmpty }

    func contains(_ id: SessionID) -> Bool { places[id] != nil }

    mutating func add(_ member: Socket) {
        guard places[member.id] == nil else { return }
        places[member.id] = members.count
        members.append(member)
    }

    mutating func remove(_ id: SessionID) {
        guard let place = places.removeValue(forKey: id) else { return }
        let last = members.removeLast()
        guard place < members.count else { return }
        members[place] = last
        places[last.id] = place
    }
}
