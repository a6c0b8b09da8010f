import Transport

/// A bound of concurrent reads. Further readers wait, and their sockets take turns.
///
/// The number of readers of one socket is bounded by that of the handlers that run at once for it
/// (``Limits/concurrentHandlers``).
struct ReadSlots<Reader> {
    private let limit: Int
    private var taken = 0
    private var waiting = Turns<Reader>()

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
        waiting.append(reader, of: socket)
        return false
    }

    /// Gives a slot back.
    /// - Returns: The reader that gets it; nil if none waits.
    mutating func release() -> Reader? {
        let next = waiting.removeFirst()
        if next == nil { taken -= 1 }
        return next
    }
}
