import Transport

/// The waiting entries of sockets that take turns: one entry of each socket before the second of any. So a socket with
/// many entries delays another one by a single entry. The entries of one socket keep their order.
struct Turns<Entry> {
    private var waiting: [SessionID: Queue<Entry>] = [:]
    /// The sockets with entries, each once, in the order of their turns.
    private var order = Queue<SessionID>()

    var isEmpty: Bool { waiting.isEmpty }

    mutating func append(_ entry: Entry, of socket: SessionID) {
        if waiting[socket]?.append(entry) == nil {
            var entries = Queue<Entry>()
            entries.append(entry)
            waiting[socket] = entries
            order.append(socket)
        }
    }

    /// The next entry, without removing it.
    var first: Entry? { order.first.flatMap { waiting[$0]?.first } }

    mutating func removeFirst() -> Entry? {
        guard let socket = order.removeFirst(), let entry = waiting[socket]?.removeFirst() else { return nil }
        if waiting[socket]?.isEmpty == true {
            waiting[socket] = nil
        } else {
            order.append(socket)
        }
        return entry
    }

    /// Removes and returns the entries of a socket, in order.
    mutating func removeAll(of socket: SessionID) -> Queue<Entry> {
        guard let entries = waiting.removeValue(forKey: socket) else { return Queue() }
        order.removeAll { $0 == socket }
        return entries
    }
}
