import Actors
import Transport

/// The sessions of a hub by the ids of their sockets. It notes which of them change, if that matters to anyone.
struct SessionTable: Sequence {
    private var sessions: [SessionID: HubSession] = [:]
    /// The sessions that were added, changed or removed since the last call of ``takeChanges()``.
    private(set) var changes: Set<SessionID> = []
    /// True to note changes.
    var notesChanges = false

    subscript(id: SessionID) -> HubSession? {
        get { sessions[id] }
        _modify {
            if notesChanges { changes.insert(id) }
            yield &sessions[id]
        }
    }

    var count: Int { sessions.count }
    var isEmpty: Bool { sessions.isEmpty }
    var keys: some Collection<SessionID> { sessions.keys }
    var values: some Collection<HubSession> { sessions.values }

    func makeIterator() -> Dictionary<SessionID, HubSession>.Iterator { sessions.makeIterator() }

    mutating func takeChanges() -> Set<SessionID> {
        defer { changes = [] }
        return changes
    }
}

/// Who may act for a session.
extension HubStateMachine {
    /// True if the request has a sender whose session this incarnation does not own.
    func isStale(_ sender: SessionKey?, of incarnation: Incarnation) -> Bool {
        // A closure would copy the whole state machine for each request.
        guard let sender else { return false }
        return !owns(incarnation, sender)
    }

    /// True if the session is connected to this incarnation.
    func owns(_ incarnation: Incarnation, _ key: SessionKey) -> Bool {
        sessions[key.id]?.isConnected(key, to: incarnation) ?? false
    }

    func session(_ key: SessionKey, of incarnation: Incarnation) -> HubSession? {
        guard let session = sessions[key.id], session.isConnected(key, to: incarnation) else { return nil }
        return session
    }
}
