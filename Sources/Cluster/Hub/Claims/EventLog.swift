import Actors

/// The recent events, kept for clients that were lost and come back. Bounded in age, number and bytes.
///
/// Of the trimmed events, the log keeps only the highest position for each audience. A session cannot be recovered if
/// an event addressed to it may have been trimmed. Because audiences are separate, a quiet session can be recovered on
/// a busy server.
struct EventLog {
    struct Entry {
        let broadcast: Broadcast
        let position: UInt64
        let time: ContinuousClock.Instant
        let byteCount: Int
    }

    private let options: RecoveryOptions
    /// The entries in order; the trimmed ones at the front are nil.
    private var entries: [Entry?] = []
    /// The number of trimmed entries at the front.
    private var dropped = 0
    private var byteCount = 0
    /// The highest trimmed position of each audience.
    private var trimmed: [InterestTable.Audience: UInt64] = [:]
    /// The highest trimmed position of all audiences that ``trimmed`` no longer lists.
    private var trimmedElsewhere: UInt64 = 0
    private(set) var lastTrimmed: UInt64 = 0

    /// What an event counts in addition to its content, in bytes.
    static let overhead = 128
    /// The number of audiences whose trimmed positions are kept separately.
    static let maxAudiences = 10_000

    init(options: RecoveryOptions) {
        self.options = options
    }

    var count: Int { entries.count - dropped }

    mutating func append(_ broadcast: Broadcast, position: UInt64, at now: ContinuousClock.Instant) {
        let bytes = broadcast.event.byteCount + Self.overhead
        entries.append(Entry(broadcast: broadcast, position: position, time: now, byteCount: bytes))
        byteCount += bytes
        trim(at: now)
    }

    /// Drops the oldest events until every bound holds.
    mutating func trim(at now: ContinuousClock.Instant) {
        while dropped < entries.count, let oldest = entries[dropped] {
            guard count > options.maxEvents || byteCount > options.maxBytes || now - oldest.time > options.retention
            else { break }
            rememberPosition(of: oldest)
            byteCount -= oldest.byteCount
            entries[dropped] = nil
            dropped += 1
        }
        if dropped > 64, dropped > entries.count / 2 {
            entries.removeFirst(dropped)
            dropped = 0
        }
    }

    /// Drops all events, and treats every event up to `position` as trimmed, for each audience.
    mutating func forget(through position: UInt64) {
        entries = []
        dropped = 0
        byteCount = 0
        trimmed = [:]
        trimmedElsewhere = position
        lastTrimmed = position
    }

    private mutating func rememberPosition(of entry: Entry) {
        lastTrimmed = entry.position
        for audience in entry.broadcast.audiences {
            if trimmed[audience] == nil, trimmed.count >= Self.maxAudiences {
                // Merging the positions refuses some sessions that could be recovered, but never recovers one wrongly.
                trimmedElsewhere = trimmed.values.reduce(trimmedElsewhere, max)
                trimmed.removeAll()
            }
            trimmed[audience] = entry.position
        }
    }

    /// The highest position at which an event for `audience` may have been trimmed; 0 if there is none.
    func trimmedPosition(of audience: InterestTable.Audience) -> UInt64 {
        max(trimmed[audience] ?? 0, trimmedElsewhere)
    }

    /// The kept events after `position`, in order.
    func entries(after position: UInt64) -> some Sequence<Entry> {
        var low = dropped
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if let entry = entries[middle], entry.position <= position { low = middle + 1 } else { high = middle }
        }
        return entries[low...].lazy.compactMap { $0 }
    }
}

extension Broadcast {
    /// The audiences that the event is addressed to.
    var audiences: [InterestTable.Audience] {
        rooms.isEmpty ? [.everyone(namespace: namespace)] : rooms.map { .room($0, namespace: namespace) }
    }
}
