import Persistence

/// The most recent stored messages: a gapless interval of the stream, bounded in bytes.
///
/// A reader that is slightly behind gets the missed messages from here instead of from the disk.
struct MessageRing {
    private let capacity: Int
    private var messages: [StoredMessage] = []
    /// The number of evicted messages at the front of `messages`.
    private var dropped = 0
    private var byteCount = 0
    /// The ring contains every message above this id and up to ``to``.
    private(set) var from: Int64
    /// The id of the last message.
    private(set) var to: Int64

    /// - Parameters:
    ///   - capacity: The maximum size of the kept messages in bytes.
    ///   - id: The next message follows this id.
    init(capacity: Int, at id: Int64 = 0) {
        self.capacity = capacity
        from = id
        to = id
    }

    /// Empties the ring. The next message follows `id`.
    mutating func reset(to id: Int64) {
        self = MessageRing(capacity: capacity, at: id)
    }

    /// The bytes that a message counts against the capacity.
    private static func cost(_ message: StoredMessage) -> Int { message.byteCount + 64 }

    /// Adds the message that follows the last message, and evicts the oldest messages above the capacity.
    mutating func append(_ message: StoredMessage) {
        messages.append(message)
        byteCount += Self.cost(message)
        to = message.id
        while byteCount > capacity, dropped < messages.count {
            byteCount -= Self.cost(messages[dropped])
            from = messages[dropped].id
            // Free the content now. The array is compacted only from time to time.
            messages[dropped] = StoredMessage(id: from, content: [])
            dropped += 1
        }
        if dropped > 64, dropped > messages.count / 2 {
            messages.removeFirst(dropped)
            dropped = 0
        }
    }

    /// Removes messages. The interval stays the same.
    mutating func remove(_ deleted: DeletedMessages) {
        if case .through(let last) = deleted, last <= from { return }
        messages.removeFirst(dropped)
        dropped = 0
        messages.removeAll { deleted.contains($0.id) }
        byteCount = messages.reduce(0) { $0 + Self.cost($1) }
    }

    /// The messages after `id`.
    /// - Parameter limit: The result ends with the message that brings its size to this number of bytes.
    /// - Returns: nil if the ring does not reach back to `id`, or if no message follows it.
    func messages(after id: Int64, limit: Int) -> ArraySlice<StoredMessage>? {
        guard id >= from, id < to else { return nil }
        var low = dropped
        var high = messages.count
        while low < high {
            let middle = (low + high) / 2
            if messages[middle].id <= id { low = middle + 1 } else { high = middle }
        }
        var end = low
        var bytes = 0
        while end < messages.count, bytes < limit {
            bytes += Self.cost(messages[end])
            end += 1
        }
        return messages[low..<end]
    }
}
