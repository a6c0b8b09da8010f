import Transport

/// The rate of the stored messages that a client gets (``ServerOptions/historyRate``).
extension Connection {
    /// Whose rate counts.
    var historyRateOwner: HistoryRateOwner {
        paceOwner.map(HistoryRateOwner.shared) ?? .connection(ObjectIdentifier(self))
    }

    /// The time until the client may get the next page of stored messages; zero if it may get it now. A client does not
    /// wait for its first page, so that others of its address cannot delay one that has missed little.
    var historyDelay: Duration {
        guard hasReadHistory, let limits = paceLimits else { return .zero }
        let now = worker.loop.now
        guard let paceOwner else { return pace.historyDelay(limits, at: now) }
        return worker.assumeIsolated { $0.historyDelay(of: paceOwner, at: now) }
    }

    /// The time in which the client may get a page of this size.
    func historyTime(ofPage byteCount: Int) -> Duration {
        let limits = paceOwner.map { worker.paceLimits(of: $0) } ?? paceLimits
        return limits?.history.map { .seconds(byteCount) / $0.perSecond } ?? .zero
    }

    /// Counts a page of stored messages that the client gets.
    func chargeHistoryPage(_ byteCount: Int) {
        chargeHistory(byteCount, makesDebt: hasReadHistory)
        hasReadHistory = true
    }

    /// Counts missed events that the client gets at once.
    func chargeMissedEvents(_ byteCount: Int) {
        chargeHistory(byteCount, makesDebt: true)
    }

    private func chargeHistory(_ byteCount: Int, makesDebt: Bool) {
        guard let limits = paceLimits, limits.history != nil else { return }
        let now = worker.loop.now
        guard let paceOwner else { return pace.chargeHistory(byteCount, makesDebt: makesDebt, limits, at: now) }
        worker.assumeIsolated { $0.chargeHistory(byteCount, makesDebt: makesDebt, of: paceOwner, at: now) }
    }
}
