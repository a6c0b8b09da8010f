import Transport

/// The most recent stored messages as encoded frames: an interval of ids with nothing missing, bounded in bytes.
///
/// A reader that is only a little behind takes what it missed from here instead of from the disk.
struct MessageRing {
    private struct Entry {
        let id: Int64
        /// Nil when given up.
        var frames: Frames?
        let byteCount: Int
    }

    private let capacity: Int
    private var entries: [Entry] = []
    /// How many of `entries` at the front have been given up.
    private var dropped = 0
    private var byteCount = 0
    /// Every message above this id and up to ``to`` is here.
    private(set) var from: Int64
    private(set) var to: Int64

    /// - Parameter capacity: how many bytes of frames are kept.
    init(capacity: Int, at id: Int64 = 0) {
        self.capacity = capacity
        from = id
        to = id
    }

    /// Empties the ring: what comes next follows `id`.
    mutating func reset(to id: Int64) {
        self = MessageRing(capacity: capacity, at: id)
    }

    /// Adds the messages from the last one up to `id`, as frames.
    mutating func append(_ frames: Frames, through id: Int64) {
        entries.append(Entry(id: id, frames: frames, byteCount: frames.bytes.count))
        byteCount += frames.bytes.count
        to = id
        while byteCount > capacity, dropped < entries.count {
            byteCount -= entries[dropped].byteCount
            entries[dropped].frames = nil
            from = entries[dropped].id
            dropped += 1
        }
        if dropped > 64, dropped > entries.count / 2 {
            entries.removeFirst(dropped)
            dropped = 0
        }
    }

    /// The messages behind `id`: whole entries, until they reach `limit` bytes.
    /// - Returns: frames in order and the id of the last message in them; nil when the ring does not reach back to
    ///   `id`, or `id` lies inside
    ///   an entry.
    func messages(after id: Int64, limit: Int) -> (frames: [Frames], last: Int64)? {
        guard id >= from, id < to else { return nil }
        var low = dropped
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].id <= id { low = middle + 1 } else { high = middle }
        }
        guard low == dropped ? id == from : entries[low - 1].id == id else { return nil }
        var frames: [Frames] = []
        var bytes = 0
        var last = id
        while low < entries.count, bytes < limit, let next = entries[low].frames {
            frames.append(next)
            bytes += entries[low].byteCount
            last = entries[low].id
            low += 1
        }
        return (frames, last)
    }
}
