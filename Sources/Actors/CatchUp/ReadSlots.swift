import Transport

/// A bound of concurrent reads. Further readers wait, and their sockets take turns.
///
/// A free slot goes to one reader of each waiting socket before any socket gets a second one. So a socket with many
/// waiting readers delays the reader of another one by a single read. The readers of one socket keep their order. Their
/// number is bounded by that of the handlers that run at once for a socket (``Limits/concurrentHandlers``).
struct ReadSlots<Reader> {
    private let limit: Int
    private var taken = 0
    /// The waiting readers of each socket that has any.
    private var waiting: [SessionID: Queue<Reader>] = [:]
    /// The sockets with waiting readers, each once, in the order of their turns.
    private var turns = Queue<SessionID>()

    init(_ limit: Int) {
        self.limit = limit
    }

    /// Takes a slot, or lets the reader wait.
    /// - Parameters:
    ///   - reader: The reader.
    ///   - socket: The socket that it reads for.
    /// - Returns: True if the reader may go on now.
    mutating func take(_ reader: Reader, for socket: SessionID) -> Bool {
        guard taken >= limit else {
            taken += 1
            return true
        }
        if waiting[socket]?.append(reader) == nil {
            var readers = Queue<Reader>()
            readers.append(reader)
            waiting[socket] = readers
            turns.append(socket)
        }
        return false
    }

    /// Gives a slot back.
    /// - Returns: The reader that gets it; nil if none waits.
    mutating func release() -> Reader? {
        guard let socket = turns.removeFirst(), let next = waiting[socket]?.removeFirst() else {
            taken -= 1
            return nil
        }
        if waiting[socket]?.isEmpty == true {
            waiting[socket] = nil
        } else {
            turns.append(socket)
        }
        return next
    }
}
