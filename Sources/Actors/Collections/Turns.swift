import Transport

/// The waiting entries of sockets that take turns: one entry of each socket before the second of any. So a socket with
/// many entries delays another one by a single entry. The entries of one socket keep their order.
struct Turns<Entry> {
    private var waiting: [SessionID: Queue<Entry>] = [:]
    /// The sockets in the order of their turns. Those without entries are gone.
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
    mutating func first() -> Entry? {
        while let socket = order.first {
            if let entry = waiting[socket]?.first { return entry }
            _ = order.removeFirst()
        }
        return nil
    }

    mutating func removeFirst() -> Entry? {
        guard let entry = first(), let socket = order.removeFirst() else { return nil }
        _ = waiting[socket]?.removeFirst()
        if waiting[socket]?.isEmpty == true {
            waiting[socket] = nil
        } else {
            order.append(socket)
        }
        return entry
    }

    /// Removes and returns the entries of a socket, in order.
    mutating func removeAll(of socket: SessionID) -> Queue<Entry> {
        let entries = waiting.removeValue(forKey: socket) ?? Queue()
        if waiting.isEmpty { order = Queue() }
        return entries
    }
}
