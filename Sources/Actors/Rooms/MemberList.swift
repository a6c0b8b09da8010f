import Transport

/// The members of a room without duplicates: a contiguous array, with insertion and removal in constant time.
struct MemberList {
    private(set) var members: [Socket] = []
    private var indices: [SessionID: Int] = [:]

    init() {}

    var isEmpty: Bool { members.isEmpty }

    func contains(_ id: SessionID) -> Bool { indices[id] != nil }

    mutating func add(_ member: Socket) {
        guard indices[member.id] == nil else { return }
        indices[member.id] = members.count
        members.append(member)
    }

    mutating func remove(_ id: SessionID) {
        guard let index = indices.removeValue(forKey: id) else { return }
        let last = members.removeLast()
        guard index < members.count else { return }
        members[index] = last
        indices[last.id] = index
    }
}
