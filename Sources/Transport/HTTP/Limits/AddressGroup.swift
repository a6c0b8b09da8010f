/// The addresses that count as one client: an IPv4 address, or the IPv6 network of 64 bits that an address is in. All
/// clients whose address is unknown are one group.
package struct AddressGroup: Hashable, Sendable, CustomStringConvertible {
    /// Nil for the clients whose address is unknown.
    private let first: IPAddress?

    /// The group of a client.
    /// - Parameters:
    ///   - peer: the numeric address of the client, or ``HTTPPeer/unknown``.
    ///   - proxies: the addresses that have no group, because many clients may share them.
    /// - Returns: nil also for a loopback address and for a peer over a Unix domain socket.
    package init?(ofPeer peer: String, except proxies: TrustedProxies) {
        guard peer != HTTPPeer.unknown else {
            self.init(of: nil)
            return
        }
        guard let address = IPAddress(peer: peer), !address.isLoopback, !proxies.contains(address) else { return nil }
        self.init(of: address)
    }

    /// The group of an address, or of a network of 64 bits, that an operator has written.
    /// - Returns: nil for any other text.
    package init?(written text: String) {
        let isNetwork = text.hasSuffix(Self.networkSuffix)
        let written = isNetwork ? String(text.dropLast(Self.networkSuffix.count)) : text
        guard let address = IPAddress(written.utf8), !isNetwork || !address.isIPv4 else { return nil }
        self.init(of: address)
        if isNetwork, first != address { return nil }
    }

    /// The group with a ``description``.
    /// - Returns: nil for any other text.
    package init?(described text: String) {
        if text == HTTPPeer.unknown { self.init(of: nil) } else { self.init(written: text) }
    }

    /// Its place in the order of the groups.
    var order: UInt128 { first?.bits ?? 0 }

    private init(of address: IPAddress?) {
        first = address.map { $0.isIPv4 ? $0 : IPAddress(bits: $0.bits & ~UInt128(UInt64.max)) }
    }

    private static let networkSuffix = "/64"

    /// True if the group has a loopback address or one of a proxy, so that it has no limits and cannot be banned.
    package func isExempt(_ proxies: TrustedProxies) -> Bool {
        guard let first else { return true }
        return first.isLoopback || first.bits == 0 || proxies.includes(oneOf: self)
    }

    func overlaps(_ network: IPNetwork) -> Bool {
        guard let first else { return false }
        return network.overlaps(first, mask: first.isIPv4 ? .max : ~UInt128(UInt64.max))
    }

    /// An IPv4 address, an IPv6 network such as `2001:db8::/64`, or `unknown`.
    package var description: String {
        guard let first else { return HTTPPeer.unknown }
        return first.isIPv4 ? "\(first)" : "\(first)/64"
    }

    /// Which of `count` shares the group's network has: that of the first 16 bits of an IPv4 address, or the first 32
    /// bits of an IPv6 address, which is about what one provider has.
    func share(of count: Int) -> Int {
        let network = first.map { $0.bits >> ($0.isIPv4 ? 16 : 96) }
        return Int(UInt(bitPattern: network.hashValue) % UInt(count))
    }
}

extension IPAddress {
    /// True for 127.0.0.0/8 and ::1.
    var isLoopback: Bool {
        isIPv4 ? UInt8(truncatingIfNeeded: bits >> 24) == 127 : bits == 1
    }
}
