import Transport

/// The limits that this worker's clients share with those of the other workers.
extension Worker {
    /// The time between two reports.
    private static let interval = Duration.seconds(1)

    /// The time until a report that is the first one for a while, or urgent.
    private static let shortInterval = Duration.milliseconds(50)

    /// The most entries of each kind in a report. The others are in the next one.
    private static let maxEntries = 4096

    /// True if there is a limit that workers share.
    nonisolated var hasSharedLimits: Bool {
        options.maxConnections != nil || options.addressLimits != .none || pace != nil
    }

    /// Begins to report what the clients use, until they use nothing.
    func noteUse(isUrgent: Bool) {
        if isUrgent || useReports.next == nil { reportUse(after: Self.shortInterval) }
    }

    private func reportUse(after delay: Duration) {
        let time = loop.now + delay
        if let next = useReports.next, next <= time { return }
        useReports.next = time
        _ = loop.startTimer(at: time, UseTimer(of: self))
    }

    /// Reports what the clients use, if it is time.
    func reportUse() {
        // An urgent report may have come before this one.
        guard let next = useReports.next, next <= loop.now else { return }
        useReports.next = nil
        guard let http = useReports.server?.value.server, !hasClosed else { return }
        let connections = http.heldConnections
        var use = SharedUse(connections: connections)
        use.addresses = http.takeAddressReport(maxCount: Self.maxEntries).map {
            SharedUse.Address(
                name: $0.group.description, connections: $0.connections, sessions: $0.sessions,
                handshakes: $0.handshakes)
        }
        use.identities = sharedPaces.takeReport(maxCount: Self.maxEntries)
        if use != SharedUse(connections: useReports.connections) { submit(.reportUse(use)) }
        useReports.connections = connections
        if connections > 0 || http.hasReportedAddresses { reportUse(after: Self.interval) }
    }

    /// Counts what the clients of other workers use.
    func apply(_ use: SharedUse) {
        guard let http = useReports.server?.value.server else { return }
        http.connectionsElsewhere = use.connections
        for address in use.addresses {
            guard let group = AddressGroup(described: address.name) else { continue }
            http.apply(
                AddressReport(
                    group: group, connections: address.connections, sessions: address.sessions,
                    handshakes: address.handshakes))
        }
        for identity in use.identities {
            let owner = PaceOwner(name: identity.id)
            guard let limits = paceLimits(of: owner) else { continue }
            sharedPaces.charge(identity, of: owner, limits, at: loop.now)
        }
    }
}

/// The state of a worker's reports.
struct UseReports {
    /// The server whose clients count; nil without limits that workers share.
    var server: LoopBound<HTTPServerReference>?
    /// When the next report is made; nil while clients use nothing.
    var next: ContinuousClock.Instant?
    /// The open connections in the last report.
    var connections = 0
}

/// An HTTP server that its owner may release. The server's handlers keep the worker.
struct HTTPServerReference {
    weak var server: HTTPServer?
}

/// Makes a worker report what its clients use.
private final class UseTimer: TimerTarget {
    private let worker: Worker

    init(of worker: Worker) {
        self.worker = worker
    }

    func timerFired(at now: ContinuousClock.Instant) {
        worker.assumeIsolated { $0.reportUse() }
    }
}
