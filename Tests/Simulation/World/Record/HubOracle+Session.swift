import Actors
import Cluster
import Transport

/// What the oracle knows of a session.
extension HubOracle {
    /// An event that a session must receive.
    struct Entry {
        let position: UInt64
        let number: Int
        let isVolatile: Bool
        let byteCount: Int
    }

    final class Session {
        let id: SessionID
        let namespace: String
        let registeredAt: UInt64
        var owner: Incarnation
        var ownerEpoch: UInt32 = 0
        var isConnected = true
        /// True if the client left, was disconnected, or received a new session instead.
        var isDeleted = false
        /// The owner epoch at which the client received a disconnect packet. An earlier claim may already have moved
        /// the session to another owner; then the session continues there.
        var disconnectedEpoch: UInt32?
        var rooms: Set<String> = []
        /// The rooms that operations on several sockets have changed.
        var changedRooms: Set<String> = []
        var data: JSONText?
        var expected: [Entry] = []
        /// True if the hub may have dropped the session because too many were disconnected.
        var mayBeDropped = false
        /// The time of the last disconnection.
        var lostAt: ContinuousClock.Instant?
        /// The times of claims that took the session from a connected owner.
        var contestedAt: [ContinuousClock.Instant] = []

        /// The position up to which a message of another host for this session is lost; nil if none is.
        var lostUpTo: UInt64?

        init(_ registration: Registration, owner: Incarnation, at position: UInt64) {
            id = registration.key.id
            namespace = registration.namespace
            self.owner = owner
            registeredAt = position
        }

        /// True if a claim at this time exceeds the limit of contested claims: eight in 30 seconds.
        func exceedsContestLimit(at time: ContinuousClock.Instant) -> Bool {
            isConnected && !isDeleted && contestedAt.count { time - $0 < .seconds(30) } >= 8
        }

        private func isIn(_ room: String) -> Bool { rooms.contains(room) || room == id.description }

        /// True if the session exists and its socket is addressed.
        func isAddressed(by value: some Addressed) -> Bool {
            guard !isDeleted, namespace == value.namespace, !value.exceptions.contains(where: isIn) else {
                return false
            }
            return value.rooms.isEmpty || value.rooms.contains(where: isIn)
        }
    }
}
