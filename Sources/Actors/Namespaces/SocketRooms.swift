/// The rooms of one socket as its application sees them. The socket's own calls take effect at once, the changes that
/// the hub reports when they arrive.
///
/// A change that arrives while an own call for the same room is in flight has no effect here: the hub orders the call
/// after the change, so the call decides.
struct SocketRooms {
    /// The names, without the room named after the socket.
    private(set) var all: Set<String>
    /// The number of own calls in flight for each room.
    private var callsInFlight: [String: Int] = [:]

    init(_ rooms: [String] = []) {
        all = Set(rooms)
    }

    /// - Returns: True if the call must be submitted to the hub; false if the socket is in the room already.
    mutating func join(_ room: String) -> Bool {
        guard all.insert(room).inserted else { return false }
        callsInFlight[room, default: 0] += 1
        return true
    }

    /// - Returns: True if the call must be submitted to the hub; false if the socket is not in the room.
    mutating func leave(_ room: String) -> Bool {
        guard all.remove(room) != nil else { return false }
        callsInFlight[room, default: 0] += 1
        return true
    }

    /// Handles the hub's echo of the oldest call for this room.
    mutating func callReturned(for room: String) {
        guard let count = callsInFlight[room] else { return }
        callsInFlight[room] = count > 1 ? count - 1 : nil
    }

    /// Applies a change that the hub reports.
    mutating func apply(_ change: SocketChange) {
        switch change {
        case .join(let rooms): for room in rooms where callsInFlight[room] == nil { all.insert(room) }
        case .leave(let rooms): for room in rooms where callsInFlight[room] == nil { all.remove(room) }
        case .disconnect: break
        }
    }
}
