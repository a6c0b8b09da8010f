import Transport

/// The rate at which a client gets stored messages (``ServerOptions/historyRate``).
extension Connection {
    /// Whose rate counts.
    var historyRateOwner: HistoryRateOwner {
        paceOwner.map { .shared($0, isUrgent: !hasReadHistory) } ?? .connection(ObjectIdentifier(self))
    }

    /// The time until the client may get the next page of the history; zero if it may get it now. The first page of a
    /// connection is urgent, so that others of its address hardly delay a client that has missed little.
    var historyDelay: Duration {
        guard let limits = paceLimits else { return .zero }
        let now = worker.loop.now
        guard let paceOwner else { return pace.historyDelay(limits, at: now) }
        let isUrgent = !hasReadHistory
        return worker.assumeIsolated { $0.historyDelay(of: paceOwner, isUrgent: isUrgent, at: now) }
    }

    /// The time in which the client may get a page of this size.
    func historyTime(ofPage byteCount: Int) -> Duration {
        let limits = paceOwner.map { worker.paceLimits(of: $0) } ?? paceLimits
        guard let rate = limits?.history else { return .zero }
        return min(Pace.maxDebt, .seconds(byteCount) / rate.perSecond)
    }

    /// Counts a page of the history that was read for the client.
    func chargeHistoryPage(_ byteCount: Int) {
        chargeHistory(byteCount, isUrgent: !hasReadHistory)
        hasReadHistory = true
    }

    /// Counts work on the history for the client.
    /// - Parameter isUrgent: true for work that does not wait for the rate, or only for the second one.
    func chargeHistory(_ byteCount: Int, isUrgent: Bool) {
        guard let limits = paceLimits, limits.history != nil else { return }
        let now = worker.loop.now
        guard let owner = paceOwner else { return pace.chargeHistory(byteCount, limits, at: now) }
        worker.assumeIsolated { $0.chargeHistory(byteCount, isUrgent: isUrgent, of: owner, at: now) }
    }
}
