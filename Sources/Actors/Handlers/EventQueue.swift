/// Lets the handlers of one socket start in order of arrival, each after the one before has returned.
///
/// An actor alone would not: another call may enter it while a handler is suspended.
struct EventQueue<Entry> {
    private var waiting = Queue<Entry>()
    private var isRunning = false

    /// How many entries wait for their turn.
    var count: Int { waiting.count }

    /// Makes what arrives wait, as if a handler were running, until ``finish()``.
    mutating func hold() {
        isRunning = true
    }

    /// Forgets what waits; the handler that runs is not concerned.
    mutating func clear() {
        waiting = Queue()
    }

    /// Something is to be handled.
    /// - Returns: the entry, when it may be handled now.
    mutating func arrive(_ entry: Entry) -> Entry? {
        guard isRunning else {
            isRunning = true
            return entry
        }
        waiting.append(entry)
        return nil
    }

    /// The current handler has returned.
    /// - Returns: the next entry to handle, if one waits.
    mutating func finish() -> Entry? {
        let next = waiting.removeFirst()
        isRunning = next != nil
        return next
    }
}
