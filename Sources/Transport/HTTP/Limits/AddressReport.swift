/// What the clients of an address use, for the other workers of the server.
package struct AddressReport: Sendable, Equatable {
    package let group: AddressGroup
    /// The open connections.
    package var connections: Int
    /// The open sessions.
    package var sessions: Int
    /// The sessions that were opened since the last report.
    package var handshakes: Int

    package init(group: AddressGroup, connections: Int, sessions: Int, handshakes: Int) {
        self.group = group
        self.connections = connections
        self.sessions = sessions
        self.handshakes = handshakes
    }
}

extension AddressLimits {
    /// Workers report an address only if it uses this part of a limit or more. What up to eight workers do not report
    /// is then less than half of the limit.
    private static let reportedPart = 16

    fileprivate func isWorthReporting(connections: Int, sessions: Int) -> Bool {
        guard let limit = self.connections else { return false }
        return max(connections, sessions) >= max(1, limit / Self.reportedPart)
    }

    fileprivate func isWorthReporting(handshakes count: Int) -> Bool {
        guard let rate = handshakes else { return false }
        return Double(count) >= max(1, Double(rate.perSecond) / Double(Self.reportedPart))
    }
}

extension AddressUse {
    /// What is to be reported now; nil if nothing has changed, or too little is used.
    fileprivate func takeReport(of group: AddressGroup, _ limits: AddressLimits) -> AddressReport? {
        let isMuch = limits.isWorthReporting(connections: connections.open, sessions: sessions)
        let open = isMuch ? Open(connections: connections.open, sessions: sessions) : Open()
        let count = limits.isWorthReporting(handshakes: newHandshakes) ? newHandshakes : 0
        guard open != reported || count > 0 else { return nil }
        reported = open
        newHandshakes -= count
        return AddressReport(
            group: group, connections: open.connections, sessions: open.sessions, handshakes: count)
    }
}

extension AddressTable {
    /// The changes since the last report, at most this many. Addresses that share an entry are not reported.
    func takeReport(maxCount: Int) -> [AddressReport] {
        var reports: [AddressReport] = []
        for (group, use) in uses {
            guard reports.count < maxCount else { break }
            if let report = use.takeReport(of: group, limits) { reports.append(report) }
        }
        return reports.sorted { $0.group.description < $1.group.description }
    }

    /// True if the other workers have been told that an address has something open.
    var hasReported: Bool { uses.values.contains { $0.reported != AddressUse.Open() } }

    /// Counts what an address uses at the other workers.
    func apply(_ report: AddressReport, at now: ContinuousClock.Instant) {
        guard let use = ownUse(of: report.group, at: now) else { return }
        use.elsewhere = AddressUse.Open(connections: report.connections, sessions: report.sessions)
        if let rate = limits.handshakes { use.charge(report.handshakes, of: rate, at: now) }
    }
}

/// The limits that several servers share, because each is in a worker of the same server.
extension HTTPServer {
    /// What the clients of addresses use, as far as it has changed since the last call. Called on the loop.
    package func takeAddressReport(maxCount: Int) -> [AddressReport] { addresses.takeReport(maxCount: maxCount) }

    /// True if the last report of an address says that it has something open.
    package var hasReportedAddresses: Bool { addresses.hasReported }

    /// Counts what the clients of an address use at the other servers. Called on the loop.
    package func apply(_ report: AddressReport) {
        guard addresses.limits != .none, !report.group.isExempt(proxies) else { return }
        addresses.apply(report, at: loop.now)
    }
}
