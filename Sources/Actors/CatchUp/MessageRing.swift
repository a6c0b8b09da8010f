import Persistence

/// The most recent stored messages: an interval of ids with nothing missing, bounded in bytes.
///
/// A reader that is only a little behind takes what it missed from here instead of from the disk.
package struct MessageRing {
    private let capacity: Int
    private var messages: [StoredMessage] = []
    /// How many of `messages` at the front have been given up.
    private var dropped = 0
    private var byteCount = 0
    /// Every message above this id and up to ``to`` is here.
    package private(set) var from: Int64
    package private(set) var to: Int64

    /// - Parameter capacity: how many bytes of messages are kept.
    init(capacity: Int, at id: Int64 = 0) {
        self.capacity = capacity
        from = id
        to = id
    }

    /// Empties the ring: what comes next follows `id`.
    mutating func reset(to id: Int64) {
        self = MessageRing(capacity: capacity, at: id)
    }

    /// What a message counts against the capacity.
    private static func cost(_ message: StoredMessage) -> Int { message.byteCount + 64 }

    /// Adds the message that follows the last one.
    mutating func append(_ message: StoredMessage) {
        messages.append(message)
        byteCount += Self.cost(message)
        to = message.id
        while byteCount > capacity, dropped < messages.count {
            byteCount -= Self.cost(messages[dropped])
            from = messages[dropped].id
            messages[dropped] = StoredMessage(id: from, content: [])
            dropped += 1
        }
        if dropped > 64, dropped > messages.count / 2 {
            messages.removeFirst(dropped)
            dropped = 0
        }
    }

    /// The messages behind `id`, until they reach `limit` bytes.
    /// - Returns: nil when the ring does not reach back to `id`, or there is nothing behind it.
    package func messages(after id: Int64, limit: Int) -> ArraySlice<StoredMessage>? {
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
