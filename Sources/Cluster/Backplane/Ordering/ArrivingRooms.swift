/// Of the rooms to which some messages arrive only while they are open: those whose messages arrive, and those that
/// sockets are about to join.
struct ArrivingRooms {
    private var open: Set<BackplaneRoom> = []
    /// The number of markers on their way.
    private var awaited: [BackplaneRoom: Int] = [:]

    /// A socket joins the room.
    /// - Returns: false if the messages to it arrive already. Else the caller sends a marker.
    mutating func mustWait(for room: BackplaneRoom) -> Bool {
        guard !open.contains(room) else { return false }
        awaited[room, default: 0] += 1
        return true
    }

    /// A marker has come back: the messages to the room arrive.
    mutating func arrived(_ room: BackplaneRoom) {
        open.insert(room)
        let left = (awaited[room] ?? 1) - 1
        awaited[room] = left > 0 ? left : nil
    }

    /// The room has no members.
    /// - Returns: false if a socket is about to join it.
    mutating func close(_ room: BackplaneRoom) -> Bool {
        guard awaited[room] == nil else { return false }
        open.remove(room)
        return true
    }
}
