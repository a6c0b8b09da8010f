import Actors
import Cluster
import Transport

/// What the oracle knows of a session.
extension HubOracle {
    /// A place among the events of a session.
    struct Place: Comparable {
        /// The number of the session's stay at a hub.
        var stay: Int
        /// The position of that hub.
        var position: UInt64

        static func < (left: Place, right: Place) -> Bool {
            (left.stay, left.position) < (right.stay, right.position)
        }
    }

    /// An event that a session must receive.
    struct Entry {
        let place: Place
        let number: Int
        let isVolatile: Bool
        let byteCount: Int
    }

    final class Session {
        /// A time for which one hub has the session.
        struct Stay {
            let epoch: String
            /// The position of the hub at which it began.
            let start: UInt64
        }

        let id: SessionID
        let privateID: SessionID
        let namespace: String
        /// True if the positions of all hubs can be compared.
        private let areShared: Bool
        /// The stays at hubs, the present one last.
        private(set) var stays: [Stay]
        /// The offset of an older session that the client has, if the session's first hub had not reached it.
        let offsetBefore: String?
        /// The present owner; nil for a session that has arrived and was not claimed yet.
        var owner: Incarnation?
        var ownerEpoch: UInt32 = 0
        var isConnected = true
        /// True if the owner has reported that the socket is gone.
        var isLeaving = false
        /// True if the client left, was disconnected, or received a new session instead.
        var isDeleted = false
        /// The owner epoch at which the client received a disconnect packet. An earlier claim may already have moved
        /// the session to another owner; then the session continues there.
        var disconnectedEpoch: UInt32?
        /// The owner epoch at which its hub has last given it to another host while it was connected.
        var givenEpoch: UInt32?
        var rooms: Set<String> = []
        /// The rooms that operations on several sockets have changed.
        var changedRooms: Set<String> = []
        var data: JSONText?
        private(set) var expected: [Entry] = []
        /// The numbers of the expected events.
        private var numbers: Set<Int> = []
        /// True if the hub may have dropped the session because too many were disconnected.
        var mayBeDropped = false
        /// The hub's position at the last disconnection there.
        var lostPosition: UInt64?
        /// The time of the last disconnection.
        var lostAt: ContinuousClock.Instant?
        /// The times of claims that took the session from an owner at its present hub that was connected.
        var contestedAt: [ContinuousClock.Instant] = []
        /// The step at which its hub has last kept it from another host because of them; nil if it never has.
        var refusedToOthersAt: Int?
        /// The place up to which a message of another host for this session is lost; nil if none is.
        var lostUpTo: Place?
        /// The hub has no events of earlier hubs up to this place.
        var keptFrom: Place
        /// The step at which another hub has taken its value from the broker; nil for a session that this hub has.
        var takenAt: Int?
        /// The number of rooms that it has left at its present hub.
        private(set) var leaves = 0
        /// The time at which it came from another hub.
        var arrivedAt: ContinuousClock.Instant?

        init(
            _ registration: Registration, owner: Incarnation, of epoch: String, at position: UInt64, areShared: Bool
        ) {
            self.areShared = areShared
            id = registration.key.id
            privateID = registration.privateID
            namespace = registration.namespace
            self.owner = owner
            stays = [Stay(epoch: epoch, start: position)]
            let offset = registration.earlierOffset.flatMap { Offset($0) }
            offsetBefore = offset.map { $0.position > position } == true ? registration.earlierOffset : nil
            keptFrom = Place(stay: 0, position: position)
        }

        private init(_ other: Session) {
            (areShared, offsetBefore) = (other.areShared, other.offsetBefore)
            (id, privateID, namespace) = (other.id, other.privateID, other.namespace)
            (stays, ownerEpoch, rooms, data) = (other.stays, other.ownerEpoch, other.rooms, other.data)
            (changedRooms, expected, numbers) = (other.changedRooms, other.expected, other.numbers)
            (lostPosition, keptFrom, leaves) = (other.lostPosition, other.keptFrom, other.leaves)
            isConnected = other.isConnected
        }

        /// The session as it is now.
        func copy() -> Session { Session(self) }

        /// The beginning of the present stay.
        var start: Place { Place(stay: stays.count - 1, position: stays.last?.start ?? 0) }

        /// The session comes from another hub.
        func begin(at epoch: String, from position: UInt64, at now: ContinuousClock.Instant) {
            stays.append(Stay(epoch: epoch, start: position))
            owner = nil
            isConnected = false
            lostPosition = nil
            leaves = 0
            arrivedAt = now
        }

        /// The place of a position of the present hub.
        func place(of position: UInt64) -> Place { Place(stay: stays.count - 1, position: position) }

        /// The place up to which a client with this offset has the events. A client keeps the offset of an older
        /// session until it receives an event in this one.
        func place(of offset: Offset?) -> Place {
            guard let offset,
                let stay = stays.lastIndex(where: { covers($0, offset) && $0.start <= offset.position })
            else { return Place(stay: 0, position: stays[0].start) }
            // An entry that the hub had not read when the client left is of an earlier session at another host.
            if areShared, !isConnected, let lostPosition, offset.position > lostPosition {
                return Place(stay: 0, position: stays[0].start)
            }
            return Place(stay: stay, position: offset.position)
        }

        /// True if an offset may come from the hub of a stay, or tells what the client has of it. An entry is the same
        /// at all hubs. A hub of no stay has had the session after the last one, and the broker does not have the value
        /// that it wrote: that hub died before, or the broker has lost it. It had everything up to this position.
        private func covers(_ stay: Stay, _ offset: Offset) -> Bool {
            offset.epoch == stay.epoch
                || areShared
                    && (offset.epoch == nil || SharedPosition(offset.position).isEntry
                        || !stays.contains { $0.epoch == offset.epoch })
        }

        /// The session must receive an event.
        /// - Returns: false if it must receive it already.
        func expect(_ entry: Entry) -> Bool {
            expected.append(entry)
            return numbers.insert(entry.number).inserted
        }

        /// Some events need not be received any more.
        func forget(_ isForgotten: (Entry) -> Bool) {
            expected.removeAll(where: isForgotten)
            numbers = Set(expected.lazy.map(\.number))
        }

        /// Some events may be received or not.
        func allow(_ entries: [Entry]) {
            expected = (expected + entries).sorted { $0.place < $1.place }
            numbers.formUnion(entries.lazy.map(\.number))
        }

        /// The number of events that a client with this offset has.
        func receivedCount(upTo offset: Offset?) -> Int {
            let place = place(of: offset)
            return expected.firstIndex { $0.place > place } ?? expected.count
        }

        func leave(_ rooms: [String]) {
            for room in rooms where self.rooms.remove(room) != nil { leaves += 1 }
        }

        /// Carries out an operation on several sockets.
        /// - Returns: true if the socket is disconnected.
        func apply(_ change: SocketChange) -> Bool {
            switch change {
            case .join(let rooms):
                self.rooms.formUnion(rooms)
                changedRooms.formUnion(rooms)
            case .leave(let rooms):
                leave(rooms)
                changedRooms.formUnion(rooms)
            case .disconnect: return true
            }
            return false
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
