import Transport

/// The sizes of the events that sessions have inherited from their earlier hosts. Like the hub's own log, they are
/// bounded in age and in bytes.
struct InheritanceSizes {
    private var sizes: [SessionID: (byteCount: Int, time: ContinuousClock.Instant)] = [:]
    /// The sessions in the order of their arrival, some of which have left since.
    private var order: [(id: SessionID, time: ContinuousClock.Instant)] = []
    private var head = 0
    private(set) var byteCount = 0

    /// A session has arrived with events.
    mutating func add(_ id: SessionID, _ count: Int, at now: ContinuousClock.Instant) {
        guard count > 0 else { return }
        remove(id)
        sizes[id] = (count, now)
        order.append((id, now))
        byteCount += count
    }

    /// The session has left, or its events were forgotten.
    mutating func remove(_ id: SessionID) {
        byteCount -= sizes.removeValue(forKey: id)?.byteCount ?? 0
    }

    /// Removes the oldest events until both bounds hold.
    /// - Returns: The sessions that lose their events.
    mutating func trim(before oldest: ContinuousClock.Instant, maxBytes: Int) -> [SessionID] {
        var trimmed: [SessionID] = []
        while head < order.count {
            let (id, time) = order[head]
            if let size = sizes[id], size.time == time {
                guard time < oldest || byteCount > maxBytes else { break }
                remove(id)
                trimmed.append(id)
            }
            head += 1
        }
        if head > 64, head > order.count / 2 {
            order.removeFirst(head)
            head = 0
        }
        return trimmed
    }
}
