/// The limits of connections, in total and for each address.
extension HTTPServer {
    /// Serves a connection, or refuses it if it exceeds a limit.
    func acceptWithinLimits(_ descriptor: CInt, from peer: String) {
        if let mayConnect, !mayConnect(descriptor) { return refusal.refuse(descriptor, because: .notPermitted) }
        let use = addresses.use(ofPeer: peer, at: loop.now)
        if openChannels.held + connectionsElsewhere >= maxConnections {
            reached(.connections, by: peer)
            return refusal.refuse(descriptor, because: .tooManyConnections)
        }
        if let use, !use.admitsConnection(addresses.limits) {
            reached(.addressConnections, by: peer)
            return refusal.refuse(descriptor, because: .tooManyOfAddress)
        }
        let channel = Channel(accepted: descriptor, loop: loop, openChannels: use?.connections ?? openChannels)
        accept(channel, from: HTTPPeer(address: peer, proxies: proxies, isNew: true))
        noteUse(use)
    }

    /// Counts an accepted connection at the client that its PROXY header has named, unless the client's address has too
    /// many.
    /// - Returns: false if it has.
    func count(_ channel: Channel, ofNamedPeer peer: String) -> Bool {
        let use = addresses.use(ofPeer: peer, at: loop.now)
        if let use, !use.admitsConnection(addresses.limits) {
            reached(.addressConnections, by: peer)
            return false
        }
        channel.count(in: use?.connections ?? openChannels)
        noteUse(use)
        return true
    }

    /// Lets the other workers know at once if an address has opened much.
    func noteUse(_ use: AddressUse?) {
        if let use, use.isUrgent(addresses.limits) { used?(true) }
    }

    /// The count of an address's open connections.
    func count(ofPeer peer: String) -> OpenCount {
        addresses.use(ofPeer: peer, at: loop.now)?.connections ?? openChannels
    }

    /// Reports a peer that forwards the requests of several clients and is not trusted.
    func noteForwarding(_ head: HTTPRequestHead, from peer: String) {
        let occurrence = untrustedProxies.note(head, from: peer)
        if occurrence != .known { report(.untrustedProxy(peer, isLast: occurrence == .last)) }
    }

    /// Reports a peer that begins a connection with a PROXY header and is not trusted.
    func noteProxyHeader(from peer: String) {
        let occurrence = untrustedProxies.noteHeader(from: peer)
        if occurrence != .known { report(.untrustedProxyHeader(peer, isLast: occurrence == .last)) }
    }

    /// Counts and reports a refusal.
    /// - Parameter peer: the refused client.
    func reached(_ limit: ReachedLimit, by peer: String) {
        counters.limited[limit, default: 0] += 1
        guard let count = limitReports.admit(limit, at: loop.now) else { return }
        let address = AddressGroup(ofPeer: peer, except: proxies)?.description
        report(.limitReached(limit, address: address, count: count))
    }
}

/// Lets a limit's refusals be reported once in ten seconds.
struct ReportRate {
    static let interval = Duration.seconds(10)

    private var entries: [ReachedLimit: (reportedAt: ContinuousClock.Instant, since: Int)] = [:]

    /// Counts a refusal.
    /// - Returns: the number of refusals since the last report, if one is due now.
    mutating func admit(_ limit: ReachedLimit, at now: ContinuousClock.Instant) -> Int? {
        if let entry = entries[limit], now - entry.reportedAt < Self.interval {
            entries[limit]?.since += 1
            return nil
        }
        defer { entries[limit] = (now, 0) }
        return (entries[limit]?.since ?? 0) + 1
    }
}
