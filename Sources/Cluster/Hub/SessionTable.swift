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
