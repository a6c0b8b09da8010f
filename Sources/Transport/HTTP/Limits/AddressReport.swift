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
    /// Workers report an address only if it has this part of the allowed connections or more. What 32 workers do not
    /// report is then less than half of the limit.
    private static let reportedPartOfConnections = 64
    /// Rates are reported in larger parts. What is not reported now is in a later report.
    private static let reportedPartOfRate = 16

    /// The smallest number of connections or sessions that is reported.
    fileprivate var reportedConnections: Int { max(1, (connections ?? .max) / Self.reportedPartOfConnections) }

    fileprivate func isWorthReporting(connections: Int, sessions: Int) -> Bool {
        max(connections, sessions) >= reportedConnections
    }

    fileprivate func isWorthReporting(handshakes count: Int) -> Bool {
        guard let rate = handshakes else { return false }
        return Double(count) >= max(1, Double(rate.perSecond) / Double(Self.reportedPartOfRate))
    }
}

extension AddressUse {
    /// What others should know to be open.
    private func open(_ limits: AddressLimits) -> Open {
        let isMuch = limits.isWorthReporting(connections: connections.held, sessions: sessions)
        return isMuch ? Open(connections: connections.held, sessions: sessions) : Open()
    }

    /// True if something is to be reported.
    fileprivate func isDue(_ limits: AddressLimits) -> Bool {
        open(limits) != reported || limits.isWorthReporting(handshakes: newHandshakes)
    }

    /// True if so much was opened since the last report that the other workers should know it at once.
    func isUrgent(_ limits: AddressLimits) -> Bool {
        guard limits.connections != nil else { return false }
        let growth = max(connections.held - reported.connections, sessions - reported.sessions)
        return growth >= 4 * limits.reportedConnections
    }

    fileprivate func takeReport(of group: AddressGroup, _ limits: AddressLimits) -> AddressReport {
        reported = open(limits)
        let count = limits.isWorthReporting(handshakes: newHandshakes) ? newHandshakes : 0
        newHandshakes -= count
        return AddressReport(
            group: group, connections: reported.connections, sessions: reported.sessions, handshakes: count)
    }
}

extension AddressTable {
    /// The changes since the last report, at most this many, in the order of the addresses. The next report begins
    /// behind the last address of this one. Addresses that share an entry are not reported.
    func takeReport(maxCount: Int) -> [AddressReport] {
        var due: [(order: UInt128, group: AddressGroup, use: AddressUse)] = []
        for (group, use) in uses where use.isDue(limits) { due.append((group.order, group, use)) }
        due.sort { $0.order < $1.order }
        let next = due.firstIndex { $0.order > lastReported } ?? 0
        let taken = (due[next...] + due[..<next]).prefix(maxCount)
        lastReported = taken.last?.order ?? 0
        return taken.map { $0.use.takeReport(of: $0.group, limits) }
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
        // The other server has checked that the address has limits.
        if addresses.limits != .none { addresses.apply(report, at: loop.now) }
    }
}
