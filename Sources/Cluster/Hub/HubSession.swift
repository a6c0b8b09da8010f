import Actors
import Transport

/// What the hub knows of one socket, connected or lost.
struct HubSession {
    /// A stay in a room, from the position of joining up to that of leaving.
    struct Stay: Equatable {
        let room: String
        let joinedAt: UInt64
        let leftAt: UInt64
    }

    enum State: Equatable {
        case connected
        /// Its client is gone and may come back.
        case lost(since: ContinuousClock.Instant)
    }

    let namespace: String
    let privateID: SessionID
    /// Which incarnation serves it, or served it last.
    private(set) var owner: Incarnation
    /// Requests that carry another owner epoch come from a past owner and are dropped.
    private(set) var ownerEpoch: UInt32
    /// The position at which it became a member of its namespace.
    let registeredAt: UInt64
    /// The id of the stored message after which its client started.
    let startRow: Int64
    var state = State.connected
    /// Its rooms and the positions at which it joined them.
    private(set) var rooms: [String: UInt64] = [:]
    private(set) var pastStays: [Stay] = []
    /// Stays that ended at or before this position are forgotten.
    private(set) var forgottenUpTo: UInt64 = 0
    var data: JSONText?
    /// Whether its worker gets every stored message on its behalf.
    var isSubscribed = false

    /// - Parameter lastPublished: the id of the last published message.
    init(_ registration: Registration, owner: Incarnation, at position: UInt64, lastPublished: Int64) {
        namespace = registration.namespace
        privateID = registration.privateID
        self.owner = owner
        ownerEpoch = registration.key.ownerEpoch
        registeredAt = position
        startRow = registration.startRow ?? lastPublished
    }

    var isConnected: Bool { state == .connected }

    /// Gives the session to another owner. What the one before still sends is stale from here on.
    mutating func take(by owner: Incarnation) {
        self.owner = owner
        ownerEpoch &+= 1
        state = .connected
        isSubscribed = false
    }

    mutating func join(_ room: String, at position: UInt64) {
        if rooms[room] == nil { rooms[room] = position }
    }

    /// - Parameter maxPastStays: how many stays are remembered; the session cannot be recovered from before the oldest one.
    mutating func leave(_ room: String, at position: UInt64, isRecoverable: Bool, remembering maxPastStays: Int) {
        guard let joinedAt = rooms.removeValue(forKey: room), isRecoverable else { return }
        pastStays.append(Stay(room: room, joinedAt: joinedAt, leftAt: position))
        guard pastStays.count > maxPastStays else { return }
        forgottenUpTo = pastStays.removeFirst().leftAt
    }

    /// Whether the socket was in the room when the event at `position` was ordered. An event that was ordered before the join
    /// is not for the joiner.
    func wasIn(_ room: String, at position: UInt64) -> Bool {
        if let joinedAt = rooms[room], position > joinedAt { return true }
        return pastStays.contains { $0.room == room && $0.joinedAt < position && position <= $0.leftAt }
    }
}

/// One process's time as a worker; a number that is never used again.
package struct Incarnation: Hashable, Comparable, Sendable {
    package let number: UInt64

    package static func < (left: Incarnation, right: Incarnation) -> Bool {
        left.number < right.number
    }
}
