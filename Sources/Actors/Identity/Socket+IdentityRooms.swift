/// The rooms of an identity.
extension Socket {
    /// The member of ``data`` with the rooms that the socket has joined because of its client's identity.
    private static let member = "identityRooms"

    /// Joins the rooms of the client's identity, and leaves those that an earlier identity of the session had and this
    /// one has not: a client that resumes its session may have fewer rights than before. Rooms that were joined in
    /// another way stay. Call it in a connection handler. The rooms are recorded in the member `identityRooms` of
    /// ``data``, which must be an object or nil.
    ///
    /// Events of the rooms that a client missed before it comes back are still delivered to it.
    public func joinIdentityRooms() {
        let rooms = identity?.rooms ?? []
        let earlier = data?[Self.member]?.elements?.compactMap(\.string) ?? []
        guard !rooms.isEmpty || !earlier.isEmpty else { return }
        let others = self.rooms.subtracting(earlier)
        leave(earlier.filter { !rooms.contains($0) })
        // Their number has a limit of its own.
        for room in rooms { joinWithoutLimit(room) }
        let recorded = rooms.filter { !others.contains($0) }.map { JSONText(string: $0) }
        let rest = (data?.members ?? []).filter { $0.name != Self.member }
        setData(
            JSONText(
                object: rest.map { ($0.name, $0.value) }
                    + (recorded.isEmpty ? [] : [(Self.member, JSONText(array: recorded))])))
    }
}
