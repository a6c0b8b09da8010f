import Transport

/// The rates of the clients that the application knows: all connections of one identity share them. What it uses at the
/// other workers is counted about a second later.
struct IdentityPaces {
    private struct Entry {
        var pace = Pace()
        var connections = 0
        /// The number of connections with messages that wait for the rates.
        var waiting = 0
        /// Counts the waits, so that the connections take turns.
        var waits = 0
        /// What the other workers were not told yet.
        var newMessages = 0
        var newBytes = 0
    }

    private var entries: [String: Entry] = [:]
    private var sizeOfNextSweep = Self.minSweep
    private static let minSweep = 64
    /// When identities of other workers were last searched for ones to forget.
    private var lastSweep: ContinuousClock.Instant?
    /// The identities that have used enough since the last report to be in the next one.
    private var reportable: Set<String> = []
    /// The most identities that are known from other workers alone.
    private static let capacity = 100_000
    /// The most bytes in a report.
    private static let maxBytes = 1 << 40
    /// The number of identities with a connection, or with rates that are not full again.
    var count: Int { entries.count }

    // MARK: Connections

    /// A connection of an identity begins.
    mutating func begin(_ id: String, at now: ContinuousClock.Instant) {
        if entries.count >= sizeOfNextSweep { sweep(at: now) }
        entries[id, default: Entry()].connections += 1
    }

    /// Sweeps at most once a second: a table that stays full would be searched for each new identity.
    private mutating func sweepIfDue(at now: ContinuousClock.Instant) {
        if let lastSweep, now - lastSweep < .seconds(1) { return }
        lastSweep = now
        sweep(at: now)
    }

    private mutating func sweep(at now: ContinuousClock.Instant) {
        entries = entries.filter { $0.value.connections > 0 || !$0.value.pace.isFull(at: now) }
        sizeOfNextSweep = max(Self.minSweep, 2 * entries.count)
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
        note(1, byteCount, of: id, limits)
    }

    mutating func charge(_ byteCount: Int, of id: String, _ limits: Pace.Limits, at now: ContinuousClock.Instant) {
        entries[id]?.pace.charge(byteCount, limits, at: now)
        note(0, byteCount, of: id, limits)
    }

    // MARK: Other workers

    private mutating func note(_ messages: Int, _ bytes: Int, of id: String, _ limits: Pace.Limits) {
        guard var entry = entries[id] else { return }
        entry.newMessages += messages
        // An application may charge any number.
        entry.newBytes = min(Self.maxBytes, entry.newBytes + min(bytes, Self.maxBytes))
        entries[id] = entry
        if limits.isWorthReporting(messages: entry.newMessages, bytes: entry.newBytes) { reportable.insert(id) }
    }

    /// What identities have used since they were last reported, as far as it is much. At most this many.
    mutating func takeReport(_ limits: Pace.Limits, maxCount: Int) -> [SharedUse.Identity] {
        guard !reportable.isEmpty else { return [] }
        let ids = reportable.sorted().prefix(maxCount)
        reportable.subtract(ids)
        return ids.compactMap { id in
            guard let entry = entries[id] else { return nil }
            entries[id]?.newMessages = 0
            entries[id]?.newBytes = 0
            return SharedUse.Identity(id: id, messages: entry.newMessages, bytes: entry.newBytes)
        }
    }

    /// Counts what an identity has used at another worker.
    mutating func charge(_ use: SharedUse.Identity, _ limits: Pace.Limits, at now: ContinuousClock.Instant) {
        if entries[use.id] == nil {
            if entries.count >= min(sizeOfNextSweep, Self.capacity) { sweepIfDue(at: now) }
            guard entries.count < Self.capacity else { return }
        }
        var entry = entries[use.id] ?? Entry()
        if use.messages > 0 { entry.pace.charge(messages: use.messages, limits, at: now) }
        if use.bytes > 0 { entry.pace.charge(use.bytes, limits, at: now) }
        entries[use.id] = entry
    }
}
