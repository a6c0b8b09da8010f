/// The number of sockets that each incarnation has in each audience, derived from the hub's session table.
struct InterestTable {
    /// A set of sockets that an event can be addressed to.
    enum Audience: Hashable {
        case everyone(namespace: String)
        case room(String, namespace: String)
        /// The sockets that follow the stored messages.
        case messages
    }

    /// The counts in order of incarnation. Few incarnations share an audience, so an array is faster than a dictionary.
    /// Its order is also the same in every run.
    private var counts: [Audience: [(incarnation: Incarnation, count: Int)]] = [:]

    mutating func add(_ incarnation: Incarnation, to audience: Audience) {
        var entries = counts[audience] ?? []
        if let index = entries.firstIndex(where: { $0.incarnation == incarnation }) {
            entries[index].count += 1
        } else {
            let index = entries.firstIndex { $0.incarnation > incarnation } ?? entries.count
            entries.insert((incarnation, 1), at: index)
        }
        counts[audience] = entries
    }

    mutating func remove(_ incarnation: Incarnation, from audience: Audience) {
        guard var entries = counts[audience], let index = entries.firstIndex(where: { $0.incarnation == incarnation })
        else { return }
        entries[index].count -= 1
        if entries[index].count == 0 { entries.remove(at: index) }
        counts[audience] = entries.isEmpty ? nil : entries
    }

    /// The incarnations with a socket in the audience, in order.
    func incarnations(of audience: Audience) -> [Incarnation] {
        counts[audience]?.map(\.incarnation) ?? []
    }

    /// The incarnations with a socket in at least one of the audiences, in order.
    func incarnations(ofAny audiences: [Audience]) -> [Incarnation] {
        guard audiences.count > 1 else { return audiences.first.map(incarnations(of:)) ?? [] }
        var found: Set<Incarnation> = []
        for audience in audiences { found.formUnion(incarnations(of: audience)) }
        return found.sorted()
    }
}
