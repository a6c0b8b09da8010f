import Actors
import Transport

/// What this server adds to a session at the broker: where it was when, so that another host can find exactly the
/// events that its client has missed.
///
/// All positions are those of a hub with shared positions.
struct SessionPlaces: Sendable, Equatable {
    /// The events of earlier hosts that the client may lack.
    struct Inherited: Sendable, Equatable {
        /// The client has every event up to this position, or the session began there.
        let position: UInt64
        /// True if the session began there.
        let beginsWithSession: Bool
        /// The positions of the events after it, in order.
        let entries: [UInt64]
    }

    /// The version of the format. A member of another version is ignored, so the session is like one of an official
    /// server.
    static let version = 1

    let namespace: String
    /// The group of a dynamic namespace; nil for another one.
    let group: String?
    /// The number of times that the session was claimed.
    let ownerEpoch: UInt32
    /// The client started after the stored message with this id.
    let startRow: Int64
    /// The position up to which changes are in the session.
    let position: UInt64
    /// The position at which the session began at its host.
    let registeredAt: UInt64
    /// The positions at which the rooms were joined, in the order of ``StreamSession/rooms``.
    let joins: [UInt64]
    /// The ended memberships, oldest first.
    let stays: [HubSession.Stay]
    /// Memberships that ended at or before this position may be missing.
    let forgottenUpTo: UInt64
    let inherited: Inherited?
    /// See ``HubSession/offsetBefore``.
    let offsetBefore: Offset?
    /// The hub that has written the session, and the number of the write, so that no two values are the same.
    let host: String
    let counter: Int
}

extension SessionPlaces {
    /// Reads the member.
    /// - Parameter rooms: the number of the session's rooms.
    /// - Returns: nil for another version.
    /// - Throws: ``FormatError`` if the object is malformed or exceeds a limit.
    init?(_ object: MessageObject, rooms: Int) throws(FormatError) {
        guard object.optionalNumber(.version, in: 0...Int(Int32.max)) == Self.version else { return nil }
        var stays: [HubSession.Stay] = []
        for stay in try object.objects(.stays, limit: object.limits.rooms) {
            stays.append(
                HubSession.Stay(
                    room: try stay.room(.room), joinedAt: try stay.position(.joined), leftAt: try stay.position(.left)))
        }
        let joins = try object.positions(.joined, limit: object.limits.rooms)
        guard joins.count == rooms else { throw .invalid(.joined) }
        self.init(
            namespace: try object.namespace(),
            group: object.has(.group) ? try object.text(.group, limit: object.limits.namespace) : nil,
            ownerEpoch: UInt32(try object.number(.claims, in: 0...Int(UInt32.max))),
            startRow: Int64(try object.number(.row, in: Int.min...Int.max)),
            position: try object.position(.position), registeredAt: try object.position(.start), joins: joins,
            stays: stays, forgottenUpTo: try object.position(.forgotten),
            inherited: object.has(.inherited) ? try Inherited(try object.object(.inherited)) : nil,
            offsetBefore: object.has(.before) ? try object.offset(.before) : nil,
            host: try object.identifier(.host), counter: try object.number(.counter, in: 0...Int.max))
    }

    var tree: MessageTree {
        .object([
            (.version, .number(Self.version)), (.nsp, .text(namespace)), (.group, group.map { .text($0) }),
            (.claims, .number(Int(ownerEpoch))), (.row, .number(Int(startRow))), (.position, .position(position)),
            (.start, .position(registeredAt)), (.joined, .positions(joins)),
            (
                .stays,
                .list(
                    stays.map { stay in
                        .object([
                            (.room, .text(stay.room)), (.joined, .position(stay.joinedAt)),
                            (.left, .position(stay.leftAt)),
                        ])
                    })
            ),
            (.forgotten, .position(forgottenUpTo)), (.inherited, inherited?.tree),
            (.before, offsetBefore.map { .text($0.text) }), (.host, .text(host)), (.counter, .number(counter)),
        ])
    }
}

extension SessionPlaces.Inherited {
    fileprivate init(_ object: MessageObject) throws(FormatError) {
        self.init(
            position: try object.position(.position), beginsWithSession: object.flag(.begins),
            entries: try object.positions(.entries, limit: object.limits.events))
    }

    fileprivate var tree: MessageTree {
        .object([
            (.position, .position(position)), (.begins, .flag(beginsWithSession)), (.entries, .positions(entries)),
        ])
    }
}

extension MessageObject {
    fileprivate func offset(_ key: MessageKey) throws(FormatError) -> Offset {
        guard let offset = Offset(try text(key, limit: Offset.maxLength)) else { throw .invalid(key) }
        return offset
    }
}
