import Actors
import Transport

/// A session that this host has taken from the broker, while the events that its client has missed are gathered.
///
/// A value without I/O. Messages may come in any order, each once.
struct SessionRestoration {
    let id: SessionID
    let namespace: String
    /// The position before the first message that matters.
    let start: UInt64
    /// The position of this hub from which its log has the session's events, as for a session that another host gives.
    let end: UInt64

    private(set) var session: HubSession
    /// The client has every event up to this position.
    let offset: UInt64
    /// True if it has none of the session.
    private let beginsWithSession: Bool
    /// The position up to which changes are in the session.
    let changedUpTo: UInt64
    /// The positions of the events of the session's earlier hosts.
    private let inherited: Set<UInt64>
    private let limit: Int
    private var missed: [PositionedEvent] = []
    private var byteCount = 0
    private var inheritedCount = 0
    private var isDisconnected = false

    /// - Parameters:
    ///   - kept: the value at the broker.
    ///   - offset: the client's offset; nil without one.
    ///   - end: the position of this hub.
    ///   - limit: the largest size of the missed events, in bytes.
    /// - Returns: nil if the session cannot be resumed from this offset.
    init?(
        _ kept: StreamSession, in namespace: String, privateID: SessionID, from offset: Offset?, upTo end: UInt64,
        limit: Int
    ) {
        guard let id = SessionID(kept.id), kept.privateID == privateID.description, kept.data.attachments.isEmpty,
            offset.map({ $0.position <= end && !SharedPosition($0.position).isLast }) ?? true
        else { return nil }
        self.id = id
        self.namespace = namespace
        self.end = end
        self.limit = limit
        session = HubSession(kept, in: namespace, privateID: privateID, offset: offset?.position ?? 0)
        guard let places = kept.places else {
            guard let offset else { return nil }
            // It is not known which changes are in the rooms. An official server carries none out.
            (self.offset, changedUpTo, beginsWithSession, inherited) = (offset.position, .max, false, [])
            start = offset.position
            return
        }
        guard places.namespace == namespace, offset == nil || offset != places.offsetBefore else { return nil }
        changedUpTo = places.position
        if let offset, offset.position >= session.registeredAt {
            (self.offset, beginsWithSession, inherited) = (offset.position, false, [])
        } else if let earlier = places.inherited {
            if let offset, offset.position >= earlier.position {
                (self.offset, beginsWithSession) = (offset.position, false)
            } else {
                guard earlier.beginsWithSession else { return nil }
                (self.offset, beginsWithSession) = (earlier.position, true)
            }
            let known = self.offset
            inherited = Set(earlier.entries.lazy.filter { $0 > known })
        } else {
            (self.offset, beginsWithSession, inherited) = (session.registeredAt, true, [])
        }
        start = min(self.offset, changedUpTo)
    }

    /// A message of the history.
    mutating func add(_ message: BackplaneMessage, at position: UInt64, pastStays: Int) {
        switch message {
        case .event(let broadcast): add(broadcast, at: position)
        case .change(let selection, let change): apply(change, of: selection, at: position, pastStays: pastStays)
        default: break
        }
    }

    /// A change of sockets.
    mutating func apply(_ change: SocketChange, of selection: SocketSelection, at position: UInt64, pastStays: Int) {
        guard position > changedUpTo, position <= end, session.isSelected(by: selection, as: id) else { return }
        switch change {
        case .join(let rooms): for room in rooms { session.join(room, at: position) }
        case .leave(let rooms):
            for room in rooms { session.leave(room, at: position, isRecoverable: true, remembering: pastStays) }
        case .disconnect: isDisconnected = true
        }
    }

    /// An event. All changes before it are applied.
    mutating func add(_ broadcast: Broadcast, at position: UInt64) {
        // Hosts order some events by themselves, between two entries. This host's were not for the session.
        guard position > offset, position <= end, !broadcast.isVolatile, SharedPosition(position).isEntry else {
            return
        }
        if inherited.contains(position) {
            inheritedCount += 1
        } else {
            guard position > session.registeredAt, session.isAddressed(by: broadcast, as: id, at: position) else {
                return
            }
        }
        byteCount += broadcast.event.byteCount + EventLog.overhead
        if byteCount <= limit { missed.append(PositionedEvent(event: broadcast.event, position: position)) }
    }

    /// How many claims an earlier host has not written at most, so that no two connections have the same number.
    static let laterClaims: UInt32 = 1 << 16

    /// The session with the missed events; nil if it has ended, or not all of them were found.
    var result: MovingSession? {
        guard !isDisconnected, byteCount <= limit, inheritedCount == inherited.count, session.forgottenUpTo <= offset
        else { return nil }
        // The earlier host may have answered claims that are not in the value.
        return MovingSession(
            id: id, privateID: session.privateID, ownerEpoch: session.ownerEpoch &+ Self.laterClaims,
            group: session.group, rooms: session.rooms.keys.sorted(), data: session.data, startRow: session.startRow,
            inherited: InheritedEvents(
                epoch: nil, position: offset, beginsWithSession: beginsWithSession,
                events: missed.sorted { $0.position < $1.position }))
    }
}
