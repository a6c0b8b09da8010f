import Actors

/// What the hub knows of one socket.
struct HubSession {
    let namespace: String
    /// Which incarnation serves it.
    let owner: Incarnation
    /// Operations that carry another owner epoch come from a past owner and are dropped.
    let ownerEpoch: UInt32
    /// The position at which it became a member of its namespace.
    let registeredAt: UInt64
    /// Its rooms and the positions at which it joined them.
    var rooms: [String: UInt64] = [:]
    /// Whether its worker gets every stored message on its behalf.
    var isSubscribed = false
}

/// One process's time as a worker; a number that is never used again.
struct Incarnation: Hashable, Comparable, Sendable {
    let number: UInt64

    static func < (left: Incarnation, right: Incarnation) -> Bool {
        left.number < right.number
    }
}
