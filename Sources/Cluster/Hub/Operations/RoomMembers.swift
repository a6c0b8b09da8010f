import Transport

/// The sessions in each room, connected and lost.
struct RoomMembers {
    private var sets: [InterestTable.Audience: Set<SessionID>] = [:]

    subscript(audience: InterestTable.Audience) -> Set<SessionID> { sets[audience] ?? [] }

    mutating func add(_ id: SessionID, to audience: InterestTable.Audience) {
        sets[audience, default: []].insert(id)
    }

    mutating func remove(_ id: SessionID, from audience: InterestTable.Audience) {
        sets[audience]?.remove(id)
        if sets[audience]?.isEmpty == true { sets[audience] = nil }
    }
}
