/// The addresses that count as one client: an IPv4 address, or the IPv6 network of 64 bits that an address is in.
struct AddressGroup: Hashable, CustomStringConvertible {
    private let first: IPAddress

    /// The group of a client.
    /// - Parameters:
    ///   - peer: the numeric address of the client.
    ///   - proxies: the addresses that have no group, because many clients may share them.
    /// - Returns: nil also for a loopback address and for a peer over a Unix domain socket.
    init?(ofPeer peer: String, except proxies: TrustedProxies) {
        guard let address = IPAddress(peer: peer), !address.isLoopback, !proxies.contains(address) else { return nil }
        first = address.isIPv4 ? address : IPAddress(bits: address.bits & ~UInt128(UInt64.max))
    }

    /// An IPv4 address, or an IPv6 network such as `2001:db8::/64`.
    var description: String { first.isIPv4 ? "\(first)" : "\(first)/64" }
}

extension IPAddress {
    /// True for 127.0.0.0/8 and ::1.
    var isLoopback: Bool {
        isIPv4 ? UInt8(truncatingIfNeeded: bits >> 24) == 127 : bits == 1
    }
}
