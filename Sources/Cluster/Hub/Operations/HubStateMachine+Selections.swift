import Actors
import Transport

/// Selections of sockets of all workers: changes and fetches.
extension HubStateMachine {
    /// Changes the selected sessions, connected and lost, at the present position. Each worker applies the change to
    /// the same sockets when it arrives in its stream.
    mutating func carryOut(_ change: SocketChange, on selection: SocketSelection, into output: inout Output) {
        // A leave or a disconnect ends the interest by which the workers are found.
        let affected = incarnations(addressedBy: selection)
        for id in select(selection) {
            switch change {
            case .join(let rooms): for room in rooms { join(id, room) }
            case .leave(let rooms): for room in rooms { leave(id, room) }
            case .disconnect: if let session = sessions[id] { remove(id, session) }
            }
        }
        for incarnation in affected { output.append(.changed(selection, change), for: incarnation) }
    }

    /// Describes the selected sessions that are connected.
    func answer(_ fetch: SocketFetch) -> FetchAnswer {
        var sockets: [FetchedSocket] = []
        var (count, byteCount) = (0, 0)
        for id in select(fetch.selection) {
            guard let session = sessions[id], session.isConnected else { continue }
            let socket = FetchedSocket(id: id, rooms: session.rooms.keys.sorted(), data: session.data)
            count += 1
            byteCount += socket.byteCount
            if byteCount <= fetch.maxBytes { sockets.append(socket) }
        }
        return byteCount <= fetch.maxBytes ? .sockets(sockets) : .tooLarge(count: count)
    }

    /// The namespaces that have sessions, connected or lost, and those that workers have opened.
    var usedNamespaces: Set<String> {
        openNamespaces.values.reduce(into: Set(sessions.values.lazy.map(\.namespace))) { $0.formUnion($1) }
    }

    /// The number of connected sockets that an event is for.
    func recipientCount(of broadcast: Broadcast) -> Int {
        let selection = SocketSelection(
            namespace: broadcast.namespace, rooms: broadcast.rooms, exceptions: broadcast.exceptions)
        return select(selection).count { sessions[$0]?.isConnected == true }
    }

    /// The sorted names of the rooms of a namespace with connected sockets, with the rooms named after these.
    func rooms(of namespace: String) -> [String] {
        var rooms: Set<String> = []
        for (id, session) in sessions where session.namespace == namespace && session.isConnected {
            rooms.insert(id.description)
            rooms.formUnion(session.rooms.keys)
        }
        return rooms.sorted()
    }

    /// The selected sessions, connected and lost, in the order of their ids.
    private func select(_ selection: SocketSelection) -> [SessionID] {
        let namespace = selection.namespace
        var selected: Set<SessionID> = []
        if selection.rooms.isEmpty {
            for (id, session) in sessions where session.namespace == namespace { selected.insert(id) }
        }
        for room in selection.rooms { selected.formUnion(members(of: room, in: namespace)) }
        for room in selection.exceptions { selected.subtract(members(of: room, in: namespace)) }
        return selected.sorted()
    }

    /// The sessions in a room. A session is always in the room named after its socket.
    private func members(of room: String, in namespace: String) -> Set<SessionID> {
        var found = members[.room(room, namespace: namespace)]
        if let own = SessionID(room), sessions[own]?.namespace == namespace { found.insert(own) }
        return found
    }

    /// The incarnations that have sockets in the rooms of an event or a selection; exceptions are not considered.
    func incarnations(addressedBy value: some Addressed) -> [Incarnation] {
        let namespace = value.namespace
        guard !value.rooms.isEmpty else { return interest.incarnations(of: .everyone(namespace: namespace)) }
        var found = interest.incarnations(ofAny: value.rooms.map { .room($0, namespace: namespace) })
        // A socket's own room is implicit: it has no entry in the interest table.
        for room in value.rooms {
            guard let session = SessionID(room).flatMap({ sessions[$0] }), session.isConnected,
                session.namespace == namespace, !found.contains(session.owner)
            else { continue }
            found.append(session.owner)
        }
        return found
    }
}
