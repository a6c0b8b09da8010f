import Actors
import Cluster
import Transport

/// The positions of a hub, as it must take them: counted, or, with a broker that keeps messages, those of entries and
/// of the places between them.
struct HubPositions {
    /// True if the positions are those of entries.
    let areShared: Bool
    /// The position of the latest event.
    private(set) var head: UInt64 = 0
    /// The positions with the times at which the hub took them, in order.
    private var places: [(position: UInt64, time: ContinuousClock.Instant)] = []

    init(areShared: Bool) {
        self.areShared = areShared
    }

    /// The number of positions so far.
    var count: Int { places.count }

    /// True if several things may have this position, so that no session can be recovered from it.
    func isAmbiguous(_ position: UInt64) -> Bool { areShared && SharedPosition(position).isLast }

    /// Takes the next position, for something that this hub orders by itself.
    mutating func step(at now: ContinuousClock.Instant) {
        take(areShared ? SharedPosition(head).next.value : head + 1, at: now)
    }

    /// Takes the position of an entry.
    /// - Returns: false if it is not above the present one.
    mutating func advance(to entry: EntryID, at now: ContinuousClock.Instant) -> Bool {
        let place = SharedPosition(milliseconds: entry.milliseconds, sequence: entry.sequence)
        guard areShared, let position = place?.value, position > head else { return false }
        take(position, at: now)
        return true
    }

    private mutating func take(_ position: UInt64, at now: ContinuousClock.Instant) {
        head = position
        places.append((position, now))
    }

    /// The time at which the hub took the first position after this one; nil if there is none.
    func time(after position: UInt64) -> ContinuousClock.Instant? {
        var (low, high) = (0, places.count)
        while low < high {
            let middle = (low + high) / 2
            if places[middle].position <= position { low = middle + 1 } else { high = middle }
        }
        return low < places.count ? places[low].time : nil
    }
}
