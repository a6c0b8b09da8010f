/// What each address uses.
///
/// Its memory is bounded: an address is forgotten when it uses nothing, and above ``capacity`` all further addresses
/// share one entry.
final class AddressTable {
    /// The largest number of addresses with an entry of their own.
    static let capacity = 100_000

    let limits: AddressLimits
    private let proxies: TrustedProxies
    private let server: OpenCount
    private var uses: [AddressGroup: AddressUse] = [:]
    private let others: AddressUse
    /// At this number of entries, those that use nothing are removed.
    private var sweepAt = 256

    /// - Parameters:
    ///   - proxies: the peers that have no limits.
    ///   - server: counts the open connections of all addresses.
    init(_ limits: AddressLimits, except proxies: TrustedProxies, in server: OpenCount) {
        self.limits = limits
        self.proxies = proxies
        self.server = server
        others = AddressUse(in: server)
    }

    /// The number of addresses with an entry.
    var count: Int { uses.count }

    /// The entry of a client's address; nil if no limit applies to it.
    func use(ofPeer peer: String, at now: ContinuousClock.Instant) -> AddressUse? {
        guard limits != .none, let group = AddressGroup(ofPeer: peer, except: proxies) else { return nil }
        if let use = uses[group] { return use }
        if uses.count >= sweepAt { sweep(at: now) }
        guard uses.count < Self.capacity else { return others }
        let use = AddressUse(in: server)
        uses[group] = use
        return use
    }

    private func sweep(at now: ContinuousClock.Instant) {
        uses = uses.filter { !$0.value.isUnused(at: now) }
        sweepAt = min(max(256, 2 * uses.count), Self.capacity)
    }
}
