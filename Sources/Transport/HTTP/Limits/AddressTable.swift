/// What each address uses.
///
/// Its memory is bounded: an address is forgotten when it uses nothing, and above ``capacity`` the further addresses
/// share the entries of ``shares``, those of one network the same one. So an attacker with very many addresses uses up
/// the shares of the attacker's networks, and new clients of nearly all others are still admitted.
final class AddressTable {
    /// The largest number of addresses with an entry of their own.
    static let capacity = 100_000
    /// The number of entries that further addresses share.
    static let shares = 4096
    /// The time between two searches of a full table for addresses that use nothing.
    static let sweepInterval = Duration.seconds(1)

    let limits: AddressLimits
    private let proxies: TrustedProxies
    private let server: OpenCount
    private(set) var uses: [AddressGroup: AddressUse] = [:]
    /// The entries of further addresses, by the hash of their network.
    private(set) var shared: [Int: AddressUse] = [:]
    /// At this number of entries, those that use nothing are removed.
    private var sweepAt = 256
    /// The place of the last address in the latest report.
    var lastReported: UInt128 = 0
    /// No search before this time.
    private var nextSweep: ContinuousClock.Instant?

    /// - Parameters:
    ///   - proxies: the peers that have no limits.
    ///   - server: counts the open connections of all addresses.
    init(_ limits: AddressLimits, except proxies: TrustedProxies, in server: OpenCount) {
        self.limits = limits
        self.proxies = proxies
        self.server = server
    }

    /// The number of addresses with an entry of their own.
    var count: Int { uses.count }

    /// The entry of a client's address; nil if no limit applies to it.
    func use(ofPeer peer: String, at now: ContinuousClock.Instant) -> AddressUse? {
        guard limits != .none, let group = AddressGroup(ofPeer: peer, except: proxies) else { return nil }
        return ownUse(of: group, at: now) ?? share(of: group)
    }

    /// The entry that an address has of its own; nil if there are too many.
    func ownUse(of group: AddressGroup, at now: ContinuousClock.Instant) -> AddressUse? {
        if let use = uses[group] { return use }
        if uses.count >= sweepAt { sweep(at: now) }
        guard uses.count < Self.capacity else { return nil }
        let use = AddressUse(in: server)
        uses[group] = use
        return use
    }

    private func share(of group: AddressGroup) -> AddressUse {
        let number = group.share(of: Self.shares)
        if let use = shared[number] { return use }
        let use = AddressUse(in: server)
        shared[number] = use
        return use
    }

    private func sweep(at now: ContinuousClock.Instant) {
        // A full table would otherwise be searched for each new address.
        if uses.count >= Self.capacity, let nextSweep, now < nextSweep { return }
        nextSweep = now + Self.sweepInterval
        uses = uses.filter { !$0.value.isUnused(at: now) }
        shared = shared.filter { !$0.value.isUnused(at: now) }
        sweepAt = min(max(256, 2 * uses.count), Self.capacity)
    }
}
