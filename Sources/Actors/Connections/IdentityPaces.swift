import Transport

/// The rates of the clients that the application knows: all connections of one identity in a process share them.
struct IdentityPaces {
    private struct Entry {
        var pace = Pace()
        var connections = 0
        /// The number of connections with messages that wait for the rates.
        var waiting = 0
        /// Counts the waits, so that the connections take turns.
        var waits = 0
    }

    private var entries: [String: Entry] = [:]
    private var sizeOfNextSweep = Self.minSweep
    private static let minSweep = 64
    /// The number of identities with a connection, or with rates that are not full again.
    var count: Int { entries.count }

    // MARK: Connections

    /// A connection of an identity begins.
    mutating func begin(_ id: String, at now: ContinuousClock.Instant) {
        if entries.count >= sizeOfNextSweep {
            entries = entries.filter { $0.value.connections > 0 || !$0.value.pace.isFull(at: now) }
            sizeOfNextSweep = max(Self.minSweep, 2 * entries.count)
        }
        entries[id, default: Entry()].connections += 1
    }

    /// A connection ends. What it has used counts for the next one.
    mutating func end(_ id: String, at now: ContinuousClock.Instant) {
        guard var entry = entries[id] else { return }
        entry.connections -= 1
        entries[id] = entry.connections == 0 && entry.pace.isFull(at: now) ? nil : entry
    }

    /// A connection begins or ends to wait for the rates.
    mutating func setWaiting(_ isWaiting: Bool, of id: String) {
        entries[id]?.waiting += isWaiting ? 1 : -1
    }

    // MARK: Rates

    func delay(of id: String, _ limits: Pace.Limits, at now: ContinuousClock.Instant) -> Duration {
        entries[id]?.pace.delay(limits, at: now) ?? .zero
    }

    /// The time after which a connection that waits should try again. The connections of an identity try one after the
    /// other: if all tried at once, each but one would have to wait again.
    mutating func nextTry(of id: String, _ limits: Pace.Limits, at now: ContinuousClock.Instant) -> Duration {
        guard var entry = entries[id] else { return .zero }
        entry.waits += 1
        entries[id] = entry
        return entry.pace.delay(limits, at: now) + limits.interval * (entry.waits % max(1, entry.waiting))
    }

    mutating func take(_ byteCount: Int, of id: String, _ limits: Pace.Limits, at now: ContinuousClock.Instant) {
        entries[id]?.pace.take(byteCount, limits, at: now)
    }

    mutating func charge(_ byteCount: Int, of id: String, _ limits: Pace.Limits, at now: ContinuousClock.Instant) {
        entries[id]?.pace.charge(byteCount, limits, at: now)
    }
}
