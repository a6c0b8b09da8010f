import Actors
import Transport

/// Sessions as a broker keeps them.
extension HubStateMachine {
    /// What the broker keeps of a session; nil if it cannot be resumed.
    /// - Parameter counter: distinguishes the value from all others of this hub.
    func keptValue(of id: SessionID, counter: Int) -> KeptSessions.Value? {
        guard let recovery, let session = sessions[id] else { return nil }
        let rooms = session.rooms.sorted { $0.key < $1.key }
        let own = id.description
        let forgottenUpTo = session.registeredAt < lastGap ? lastGap : 0
        let places = SessionPlaces(
            namespace: session.namespace, group: session.group, ownerEpoch: session.ownerEpoch,
            startRow: session.startRow, position: head, registeredAt: session.registeredAt,
            joins: [session.registeredAt] + rooms.map(\.value),
            stays: session.pastStays,
            forgottenUpTo: max(session.forgottenUpTo, forgottenUpTo),
            inherited: session.inherited.map(SessionPlaces.Inherited.init),
            offsetBefore: session.offsetBefore, host: terms.epoch, counter: counter)
        let kept = StreamSession(
            id: own, privateID: session.privateID.description, rooms: [own] + rooms.map(\.key),
            data: MixedValue(session.data ?? .null), places: places)
        let life = recovery.maxDisconnectionDuration
        // The value of a connected session is a third old when it is written again. If its host dies, the client has
        // the whole time all the same.
        return KeptSessions.Value(
            bytes: kept.encoded, life: session.isConnected ? life + life / 3 : life, isConnected: session.isConnected)
    }

    /// Forgets a session that another host has taken. Its owner closes the connection.
    mutating func forgetTaken(_ id: SessionID, into output: inout Output) {
        guard let session = sessions[id] else { return }
        if session.isConnected {
            output.append(.ownershipLost(SessionKey(id: id, ownerEpoch: session.ownerEpoch)), for: session.owner)
        }
        remove(id, session)
    }

    /// True if the log has all events for a session after a position.
    func hasLogged(_ session: HubSession, _ id: SessionID, after position: UInt64) -> Bool {
        log.map { !hasTrimmed(session, id, after: position, in: $0) } ?? false
    }
}

extension SessionPlaces.Inherited {
    /// Other hosts find only entries of the stream. A client that may lack another event than these has to have got it.
    init(_ inherited: InheritedEvents) {
        let isElsewhere = { (event: PositionedEvent) in event.epoch == nil && SharedPosition(event.position).isEntry }
        let last = inherited.events.lastIndex { !isElsewhere($0) }
        self.init(
            position: last.map { inherited.events[$0].position } ?? inherited.position,
            beginsWithSession: last == nil && inherited.beginsWithSession,
            entries: inherited.events.suffix(from: last.map { $0 + 1 } ?? 0).map(\.position))
    }
}
