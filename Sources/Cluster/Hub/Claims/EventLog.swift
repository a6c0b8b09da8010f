import Actors

/// The events that a lost client may have missed: bounded in time, number and bytes.
///
/// What was given up is remembered as one position for each audience, so that a quiet session is not lost to a busy server:
/// it has missed something only if something addressed to it was given up.
struct EventLog {
    struct Entry {
        let broadcast: Broadcast
        let position: UInt64
        let time: ContinuousClock.Instant
        let byteCount: Int
    }

    private let options: RecoveryOptions
    /// Nil at the front where an entry was given up.
    private var entries: [Entry?] = []
    /// How many of `entries` at the front have been given up.
    private var dropped = 0
    private var byteCount = 0
    /// The highest position given up, for each audience.
    private var trimmed: [InterestTable.Audience: UInt64] = [:]
    /// The highest position given up of audiences that are no longer told apart.
    private var trimmedElsewhere: UInt64 = 0
    private(set) var lastTrimmed: UInt64 = 0

    /// So many audiences are told apart when events are given up.
    static let maxAudiences = 10_000

    init(options: RecoveryOptions) {
        self.options = options
    }

    var count: Int { entries.count - dropped }

    mutating func append(_ broadcast: Broadcast, position: UInt64, at now: ContinuousClock.Instant) {
        let bytes = broadcast.event.byteCount + 128
        entries.append(Entry(broadcast: broadcast, position: position, time: now, byteCount: bytes))
        byteCount += bytes
        trim(at: now)
    }

    /// Gives up what is over a bound.
    mutating func trim(at now: ContinuousClock.Instant) {
        while dropped < entries.count, let oldest = entries[dropped] {
            guard count > options.maxEvents || byteCount > options.maxBytes || now - oldest.time > options.retention
            else { break }
            note(oldest)
            byteCount -= oldest.byteCount
            entries[dropped] = nil
            dropped += 1
        }
        if dropped > 64, dropped > entries.count / 2 {
            entries.removeFirst(dropped)
            dropped = 0
        }
    }

    private mutating func note(_ entry: Entry) {
        lastTrimmed = entry.position
        for audience in entry.broadcast.audiences {
            if trimmed[audience] == nil, trimmed.count >= Self.maxAudiences {
                // Forgetting which audience it was makes recovery more careful, never wrong.
                trimmedElsewhere = trimmed.values.reduce(trimmedElsewhere, max)
                trimmed.removeAll()
            }
            trimmed[audience] = entry.position
        }
    }

    /// The highest position of an event for `audience` that was given up; 0 when none was.
    func trimmedPosition(of audience: InterestTable.Audience) -> UInt64 {
        max(trimmed[audience] ?? 0, trimmedElsewhere)
    }

    /// The remembered events behind `position`, in order.
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
    /// The sets of sockets that the event is addressed to.
    var audiences: [InterestTable.Audience] {
        rooms.isEmpty ? [.everyone(namespace: namespace)] : rooms.map { .room($0, namespace: namespace) }
    }
}
