import Actors
import Transport

/// The hub's record of one socket, connected or lost.
struct HubSession {
    /// An ended membership of a room, with the positions of joining and leaving.
    struct Stay: Sendable, Equatable {
        let room: String
        let joinedAt: UInt64
        let leftAt: UInt64
    }

    enum State: Equatable {
        case connected
        /// The client is gone and may come back.
        case lost(since: ContinuousClock.Instant)
    }

    let namespace: String
    /// The group of a dynamic namespace; nil for another one.
    let group: String?
    let privateID: SessionID
    /// The incarnation that serves the session, or served it last.
    private(set) var owner: Incarnation
    /// The number of the present ownership. Requests with another owner epoch come from a past owner and are dropped.
    private(set) var ownerEpoch: UInt32
    /// The position at which the socket was registered in its namespace.
    let registeredAt: UInt64
    /// The offset that the client had before this session, if it is above ``registeredAt``: that of another hub which
    /// was ahead. A client that presents it may or may not have events of this session, so it cannot resume.
    let offsetBefore: Offset?
    /// The client started after the stored message with this id.
    let startRow: Int64
    /// When the client's identity ends, and the session with it; nil for never. Another host that takes the session
    /// does not know it.
    private(set) var endsAt: ContinuousClock.Instant?
    private(set) var state = State.connected
    /// The position at which the client was lost; nil while it is connected.
    private(set) var lostAt: UInt64?
    /// The rooms, each with the position of joining.
    private(set) var rooms: [String: UInt64] = [:]
    /// The ended memberships that are remembered, oldest first.
    private(set) var pastStays: [Stay] = []
    /// Memberships that ended at or before this position may have been forgotten.
    private(set) var forgottenUpTo: UInt64 = 0
    var data: JSONText?
    /// True if this socket follows the stored messages, so that its worker must get all of them.
    var isSubscribed = false
    /// The events of earlier hosts; nil if the session began at this host.
    var inherited: InheritedEvents?
    /// The stored message after which the client continues since its latest claim.
    private(set) var resumedRow: Int64 = 0

    /// - Parameter lastPublished: the id of the last published message. The client starts there if the registration
    ///   names no other row.
    init(
        _ registration: Registration, owner: Incarnation, at position: UInt64, lastPublished: Int64,
        now: ContinuousClock.Instant
    ) {
        namespace = registration.namespace
        group = registration.group
        privateID = registration.privateID
        self.owner = owner
        ownerEpoch = registration.key.ownerEpoch
        registeredAt = position
        let offset = registration.earlierOffset.flatMap(Offset.init)
        offsetBefore = offset.flatMap { $0.position > position ? $0 : nil }
        startRow = registration.startRow ?? lastPublished
        endsAt = registration.lifetime.map { now + $0 }
    }

    /// A session that arrives from another host, and waits for its client.
    /// - Parameter position: the position of the cut, from which this hub's log has the session's events.
    init(_ moving: MovingSession, in namespace: String, cutAt position: UInt64, at now: ContinuousClock.Instant) {
        self.namespace = namespace
        group = moving.group
        privateID = moving.privateID
        owner = .others
        ownerEpoch = moving.ownerEpoch
        registeredAt = position
        offsetBefore = nil
        startRow = moving.startRow
        lose(at: position, since: now)
        data = moving.data
        inherited = moving.inherited
        for room in moving.rooms { join(room, at: position) }
    }

    /// A session as its earlier host has left it at a broker.
    /// - Parameter offset: the position up to which the client has everything, if an official server has left it: it
    ///   does not tell since when the session was in its rooms.
    init(_ kept: StreamSession, in namespace: String, privateID: SessionID, offset: UInt64) {
        self.namespace = namespace
        self.privateID = privateID
        owner = .others
        // A literal nil would be JSON's null.
        data = kept.data.json.isNull ? Optional.none : kept.data.json
        let places = kept.places
        group = places?.group
        ownerEpoch = places?.ownerEpoch ?? 0
        registeredAt = places?.registeredAt ?? offset
        offsetBefore = places?.offsetBefore
        startRow = places?.startRow ?? 0
        for (index, room) in kept.rooms.enumerated() where room != kept.id {
            rooms[room] = places?.joins[index] ?? 0
        }
        pastStays = places?.stays ?? []
        forgottenUpTo = places?.forgottenUpTo ?? 0
    }

    var isConnected: Bool { state == .connected }

    /// True if the session is connected to this incarnation and has this key now.
    func isConnected(_ key: SessionKey, to incarnation: Incarnation) -> Bool {
        isConnected && ownerEpoch == key.ownerEpoch && owner == incarnation
    }

    /// The lowest stored message after which the client may continue.
    var awaitedRow: Int64 { max(startRow, resumedRow) }

    /// The client is gone.
    /// - Parameter position: the position of the last event that it may have received.
    mutating func lose(at position: UInt64, since now: ContinuousClock.Instant) {
        state = .lost(since: now)
        lostAt = position
        isSubscribed = false
    }

    /// Transfers the session to another owner. Requests of the previous owner are stale afterwards.
    /// - Parameters:
    ///   - row: the stored message after which the client continues.
    ///   - end: when the client's identity ends; nil for never.
    mutating func transfer(to owner: Incarnation, from row: Int64, endsAt end: ContinuousClock.Instant?) {
        endsAt = end
        self.owner = owner
        resumedRow = row
        ownerEpoch &+= 1
        state = .connected
        lostAt = nil
        isSubscribed = false
    }

    mutating func join(_ room: String, at position: UInt64) {
        if rooms[room] == nil { rooms[room] = position }
    }

    /// - Parameter maxPastStays: the number of ended memberships to remember. The session cannot be recovered from a
    ///   position before the end of a forgotten membership.
    mutating func leave(_ room: String, at position: UInt64, isRecoverable: Bool, remembering maxPastStays: Int) {
        guard let joinedAt = rooms.removeValue(forKey: room), isRecoverable else { return }
        pastStays.append(Stay(room: room, joinedAt: joinedAt, leftAt: position))
        guard pastStays.count > maxPastStays else { return }
        forgottenUpTo = pastStays.removeFirst().leftAt
    }

    /// True if the socket was in the room when the event at `position` was ordered. An event ordered before a join is
    /// not for the joiner.
    func wasIn(_ room: String, at position: UInt64) -> Bool {
        if let joinedAt = rooms[room], position > joinedAt { return true }
        return pastStays.contains { $0.room == room && $0.joinedAt < position && position <= $0.leftAt }
    }
}

/// One attachment of a worker to the hub. A worker that restarts gets a new incarnation; numbers are not reused.
package struct Incarnation: Hashable, Comparable, Sendable {
    package let number: UInt64

    /// Stands for all other hosts where they ask, or are asked, like a worker. Numbers of workers begin with 1.
    static let others = Incarnation(number: 0)

    package static func < (left: Incarnation, right: Incarnation) -> Bool {
        left.number < right.number
    }
}
