/// Starts the handlers of one socket in order of arrival, each after the previous one has returned.
///
/// Actor isolation alone does not guarantee this, because another call may enter an actor while a handler is suspended.
struct EventQueue<Entry> {
    private var waiting = Queue<(entry: Entry, byteCount: Int)>()
    private var isRunning = false
    /// The total size of the waiting entries, in bytes.
    private(set) var byteCount = 0

    /// The number of waiting entries.
    var count: Int { waiting.count }

    /// Holds new entries, as if a handler were running, until ``finish()``.
    mutating func hold() {
        isRunning = true
    }

    /// Drops the waiting entries. Does not affect a running handler.
    mutating func clear() {
        waiting = Queue()
        byteCount = 0
    }

    /// Adds an entry.
    /// - Parameters:
    ///   - entry: The entry to handle.
    ///   - size: The size of the entry in bytes, counted while it waits.
    /// - Returns: The entry if it can be handled now; nil if it waits.
    mutating func enqueue(_ entry: Entry, byteCount size: Int = 0) -> Entry? {
        guard isRunning else {
            isRunning = true
            return entry
        }
        waiting.append((entry, size))
        byteCount += size
        return nil
    }

    /// Ends the current handler.
    /// - Returns: The next entry to handle; nil if none waits.
    mutating func finish() -> Entry? {
        let next = waiting.removeFirst()
        isRunning = next != nil
        byteCount -= next?.byteCount ?? 0
        return next?.entry
    }
}
