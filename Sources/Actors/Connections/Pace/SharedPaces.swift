import Transport

/// Rates that several connections share: those of an identity, or the ones without an identity from one address. What
/// is used at the other workers is counted about a second later.
struct SharedPaces {
    private struct Entry {
        var pace = Pace()
        /// A second rate of the history, for what does not wait for the first one.
        var urgentHistory = TokenBucket()
        var connections = 0
        /// The connections that wait for the rates, in the order of their turns.
        var waiting: [UInt64] = []
        /// What packets without a message have used since the last turn, while connections waited, in bytes.
        var deferred = 0
        /// What the other workers were not told yet.
        var unreported = SharedUse.Identity(id: "", messages: 0, bytes: 0, historyBytes: 0)

        /// True if nobody can tell the rates from new ones.
        func isFull(at now: ContinuousClock.Instant) -> Bool { pace.isFull(at: now) && urgentHistory.isFull(at: now) }

        /// The number of connections before this one in the queue; nil if it does not wait.
        func place(of ticket: UInt64) -> Int? {
            // The tickets grow.
            var (low, high) = (0, waiting.count)
            while low < high {
                let middle = (low + high) / 2
                if waiting[middle] < ticket { low = middle + 1 } else { high = middle }
            }
            return low < waiting.count && waiting[low] == ticket ? low : nil
        }
    }

    private var entries: [PaceOwner: Entry] = [:]
    private var lastTicket: UInt64 = 0
    /// The number of entries of addresses.
    private var addresses = 0
    private var sizeOfNextSweep = Self.minSweep
    private static let minSweep = 64
    /// When a full table was last searched for owners to forget.
    private var lastSweep: ContinuousClock.Instant?
    /// The owners that have used enough since the last report to be in the next one.
    private var reportable: Set<PaceOwner> = []
    /// The last names in the last report.
    private var lastReported = (identity: "", address: "")
    /// The most owners that are addresses, or known from other workers alone.
    private let capacity: Int
    /// The most bytes in a report.
    private static let maxBytes = 1 << 40
    /// The number of owners with a connection, or with rates that are not full again.
    var count: Int { entries.count }

    init(capacity: Int = 100_000) {
        self.capacity = capacity
    }

    // MARK: Connections

    /// A connection of an owner begins.
    /// - Returns: false if there are too many addresses, so that the connection shares nothing.
    @discardableResult
    mutating func begin(_ owner: PaceOwner, at now: ContinuousClock.Instant) -> Bool {
        if entries[owner] == nil {
            if entries.count >= sizeOfNextSweep {
                sweep(at: now)
            } else if !owner.isIdentity, addresses >= capacity {
                sweepIfDue(at: now)
            }
            guard owner.isIdentity || addresses < capacity else { return false }
            if !owner.isIdentity { addresses += 1 }
        }
        entries[owner, default: Entry()].connections += 1
        return true
    }

    /// Sweeps at most once a second: a table that stays full would be searched for each new owner.
    private mutating func sweepIfDue(at now: ContinuousClock.Instant) {
        if let lastSweep, now - lastSweep < .seconds(1) { return }
        lastSweep = now
        sweep(at: now)
    }

    private mutating func sweep(at now: ContinuousClock.Instant) {
        entries = entries.filter { $0.value.connections > 0 || !$0.value.isFull(at: now) }
        addresses = entries.keys.count { !$0.isIdentity }
        sizeOfNextSweep = max(Self.minSweep, 2 * entries.count)
    }

    /// A connection ends. What it has used counts for the next one.
    mutating func end(_ owner: PaceOwner, at now: ContinuousClock.Instant) {
        guard var entry = entries[owner] else { return }
        entry.connections -= 1
        entries[owner] = entry
        guard entry.connections == 0, entry.isFull(at: now) else { return }
        entries[owner] = nil
        if !owner.isIdentity { addresses -= 1 }
    }

    /// A connection begins to wait for the rates, behind those that wait already.
    /// - Returns: the number by which it waits; nil for an unknown owner.
    mutating func beginWaiting(for owner: PaceOwner) -> UInt64? {
        guard entries[owner] != nil else { return nil }
        lastTicket += 1
        entries[owner]?.waiting.append(lastTicket)
        return lastTicket
    }

    mutating func endWaiting(_ ticket: UInt64, for owner: PaceOwner) {
        guard let place = entries[owner]?.place(of: ticket) else { return }
        entries[owner]?.waiting.remove(at: place)
    }

    /// True if several connections wait for the rates.
    func severalWait(of owner: PaceOwner) -> Bool { entries[owner].map { $0.waiting.count > 1 } ?? false }

    // MARK: Rates

    func delay(of owner: PaceOwner, _ limits: Pace.Limits, at now: ContinuousClock.Instant) -> Duration {
        entries[owner]?.pace.delay(limits, at: now) ?? .zero
    }

    /// The time after which a connection that waits should try again: the first of the queue as soon as the rates allow
    /// a message, the others later, because all but one would have to wait again. They try all the same, because the
    /// first may have to wait for rates of its own. A second later at most, because those before it may leave.
    func nextTry(
        of owner: PaceOwner, _ ticket: UInt64?, _ limits: Pace.Limits, at now: ContinuousClock.Instant
    ) -> Duration {
        guard let entry = entries[owner] else { return .zero }
        let place = ticket.flatMap(entry.place) ?? 0
        return entry.pace.delay(limits, at: now) + min(limits.interval * place, .seconds(1))
    }

    /// Counts a message.
    /// - Parameter isReported: false if other workers do not hear of it, so that it makes nobody wait there.
    mutating func take(
        _ byteCount: Int, of owner: PaceOwner, _ limits: Pace.Limits, isReported: Bool = true,
        at now: ContinuousClock.Instant
    ) {
        entries[owner]?.pace.take(byteCount, limits, at: now)
        guard isReported else { return }
        chargeDeferred(of: owner, limits, at: now)
        note(of: owner, limits) { use in
            use.messages += 1
            use.bytes += byteCount
        }
    }

    mutating func charge(_ byteCount: Int, of owner: PaceOwner, _ limits: Pace.Limits, at now: ContinuousClock.Instant)
    {
        guard keepEntry(of: owner, at: now) else { return }
        entries[owner]?.pace.charge(byteCount, limits, at: now)
        note(of: owner, limits) { $0.bytes += byteCount }
    }

    /// Counts packets without a message. They have been handled without a turn, so while connections wait, they count
    /// after the next turn. Each connection that waits gets its turn, however many packets others send. They make
    /// others wait for a second at most, because their senders owe their own rates too.
    /// - Parameter makesDebt: false for packets that make nobody wait.
    mutating func charge(
        otherPackets cost: Int, makesDebt: Bool, of owner: PaceOwner, _ limits: Pace.Limits,
        at now: ContinuousClock.Instant
    ) {
        guard let rate = limits.bytes, keepEntry(of: owner, at: now), let entry = entries[owner] else { return }
        let most = rate.tokens(in: makesDebt ? Self.maxDebtOfOtherPackets : .zero)
        if !entry.waiting.isEmpty {
            entries[owner]?.deferred = max(entry.deferred, min(most, entry.deferred + cost))
        } else if entry.pace.delay(limits, at: now) == .zero {
            var bounded = limits
            bounded.maxDebt = makesDebt ? Self.maxDebtOfOtherPackets : .zero
            entries[owner]?.pace.charge(cost, bounded, at: now)
            // The other workers hear of what counts here, and no more.
            let counted = cost - most <= rate.burst ? cost : rate.burst + most
            if makesDebt { note(of: owner, limits) { $0.bytes += counted } }
        }
    }

    private static let maxDebtOfOtherPackets = Duration.seconds(1)

    /// Counts what packets without a message have used before a turn.
    mutating func chargeDeferred(of owner: PaceOwner, _ limits: Pace.Limits, at now: ContinuousClock.Instant) {
        guard let cost = entries[owner]?.deferred, cost > 0 else { return }
        entries[owner]?.deferred = 0
        charge(cost, of: owner, limits, at: now)
    }

    /// The time until a client may get a page of the history.
    /// - Parameter isUrgent: true for a page that may use either of the two rates.
    func historyDelay(
        of owner: PaceOwner, isUrgent: Bool, _ limits: Pace.Limits, at now: ContinuousClock.Instant
    ) -> Duration {
        guard let entry = entries[owner], let limit = limits.history else { return .zero }
        let delay = entry.pace.historyDelay(limits, at: now)
        return isUrgent ? min(delay, entry.urgentHistory.delay(of: limit, at: now)) : delay
    }

    /// Counts what a client gets of the history.
    /// - Parameter isUrgent: true for what counts for the second rate if the first one is used up.
    mutating func chargeHistory(
        _ byteCount: Int, isUrgent: Bool, of owner: PaceOwner, _ limits: Pace.Limits,
        at now: ContinuousClock.Instant
    ) {
        guard let limit = limits.history, keepEntry(of: owner, at: now), var entry = entries[owner] else { return }
        let isSecond = isUrgent && entry.pace.historyDelay(limits, at: now) > .zero
        if isSecond {
            entry.urgentHistory.take(byteCount, of: limit, maxDebt: Pace.maxDebt, at: now)
        } else {
            entry.pace.chargeHistory(byteCount, limits, at: now)
        }
        entries[owner] = entry
        if !isSecond { note(of: owner, limits) { $0.historyBytes += byteCount } }
    }

    /// Makes room for an owner that need not have a connection here.
    /// - Returns: false if there are too many.
    private mutating func keepEntry(of owner: PaceOwner, at now: ContinuousClock.Instant) -> Bool {
        guard entries[owner] == nil else { return true }
        if entries.count >= min(sizeOfNextSweep, capacity) { sweepIfDue(at: now) }
        guard entries.count < capacity else { return false }
        if !owner.isIdentity { addresses += 1 }
        entries[owner] = Entry()
        return true
    }

    // MARK: Other workers

    private mutating func note(
        of owner: PaceOwner, _ limits: Pace.Limits, _ change: (inout SharedUse.Identity) -> Void
    ) {
        guard var entry = entries[owner] else { return }
        change(&entry.unreported)
        entry.unreported.bytes = min(Self.maxBytes, entry.unreported.bytes)
        entry.unreported.historyBytes = min(Self.maxBytes, entry.unreported.historyBytes)
        entries[owner] = entry
        if limits.isWorthReporting(entry.unreported) { reportable.insert(owner) }
    }

    /// What owners have used since they were last reported, as far as it is much. At most this many.
    mutating func takeReport(maxCount: Int) -> [SharedUse.Identity] {
        guard !reportable.isEmpty else { return [] }
        let names = reportable.map { (owner: $0, name: $0.name) }.sorted { $0.name < $1.name }
        // Each report goes on after the last one, so that those who use much all the time do not keep out the others.
        func next(isIdentity: Bool, after last: String) -> [(owner: PaceOwner, name: String)] {
            let names = names.filter { $0.owner.isIdentity == isIdentity }
            return names.filter { $0.name > last } + names.filter { $0.name <= last }
        }
        // Both kinds have a part, so that many addresses do not keep the use of identities here.
        var identities = next(isIdentity: true, after: lastReported.identity)[...]
        var addresses = next(isIdentity: false, after: lastReported.address)[...]
        identities = identities.prefix(max(maxCount / 2, maxCount - addresses.count))
        addresses = addresses.prefix(maxCount - identities.count)
        lastReported = (identities.last?.name ?? "", addresses.last?.name ?? "")
        let chosen = identities + addresses
        reportable.subtract(chosen.map(\.owner))
        return chosen.compactMap { owner, name in
            guard let use = entries[owner]?.unreported else { return nil }
            entries[owner]?.unreported = Entry().unreported
            return SharedUse.Identity(
                id: name, messages: use.messages, bytes: use.bytes, historyBytes: use.historyBytes)
        }
    }

    /// Counts what an owner has used at another worker.
    mutating func charge(
        _ use: SharedUse.Identity, of owner: PaceOwner, _ limits: Pace.Limits, at now: ContinuousClock.Instant
    ) {
        guard keepEntry(of: owner, at: now) else { return }
        var entry = entries[owner] ?? Entry()
        if use.messages > 0 { entry.pace.charge(messages: use.messages, limits, at: now) }
        if use.bytes > 0 { entry.pace.charge(use.bytes, limits, at: now) }
        if use.historyBytes > 0 { entry.pace.chargeHistory(use.historyBytes, limits, at: now) }
        entries[owner] = entry
    }
}
