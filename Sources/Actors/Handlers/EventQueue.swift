/// Lets the handlers of one socket start in order of arrival, each after the one before has returned.
///
/// An actor alone would not: another call may enter it while a handler is suspended.
struct EventQueue<Entry> {
    private var waiting = Queue<(entry: Entry, byteCount: Int)>()
    private var isRunning = false
    /// The size of what waits.
    private(set) var byteCount = 0

    /// How many entries wait for their turn.
    var count: Int { waiting.count }

    /// Makes what arrives wait, as if a handler were running, until ``finish()``.
    mutating func hold() {
        isRunning = true
    }

    /// Forgets what waits; the handler that runs is not concerned.
    mutating func clear() {
        waiting = Queue()
        byteCount = 0
    }

    /// Something is to be handled.
    /// - Parameter size: what it counts while it waits.
    /// - Returns: the entry, when it may be handled now.
    mutating func arrive(_ entry: Entry, byteCount size: Int = 0) -> Entry? {
        guard isRunning else {
            isRunning = true
            return entry
        }
        waiting.append((entry, size))
        byteCount += size
        return nil
    }

    /// The current handler has returned.
    /// - Returns: the next entry to handle, if one waits.
    mutating func finish() -> Entry? {
        let next = waiting.removeFirst()
        isRunning = next != nil
        byteCount -= next?.byteCount ?? 0
        return next?.entry
    }
}
