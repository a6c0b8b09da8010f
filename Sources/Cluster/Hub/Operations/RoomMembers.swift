import Transport

/// The sessions in each room, connected and lost.
struct RoomMembers {
    private var sets: [InterestTable.Audience: Set<SessionID>] = [:]
    /// The rooms that have become empty, or have got their first member; nil if nobody asks.
    private var changed: Set<InterestTable.Audience>?

    subscript(audience: InterestTable.Audience) -> Set<SessionID> { sets[audience] ?? [] }

    mutating func add(_ id: SessionID, to audience: InterestTable.Audience) {
        if changed != nil, sets[audience] == nil { changed?.insert(audience) }
        sets[audience, default: []].insert(id)
    }

    mutating func remove(_ id: SessionID, from audience: InterestTable.Audience) {
        sets[audience]?.remove(id)
        guard sets[audience]?.isEmpty == true else { return }
        sets[audience] = nil
        changed?.insert(audience)
    }

    /// Begins to note the rooms that become empty or get their first member.
    mutating func noteChanges() {
        changed = []
    }

    /// Notes the room named after a socket that has come or gone.
    mutating func note(_ id: SessionID, in namespace: String) {
        if changed != nil { note(.room(id.description, namespace: namespace)) }
    }

    /// Notes a room that may be empty.
    mutating func note(_ audience: InterestTable.Audience) {
        changed?.insert(audience)
    }

    /// The rooms that were noted since the last call.
    mutating func takeChanges() -> Set<InterestTable.Audience> {
        guard let taken = changed, !taken.isEmpty else { return [] }
        changed = []
        return taken
    }
}
